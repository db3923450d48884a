// kinesalite on the loopback address; its own command listens on every one. Arguments: port, folder of the database.
const kinesalite = require('kinesalite');

const [port, path] = process.argv.slice(2);

/** Without leveldown's native build for this platform the records stay in memory. */
function storage() {
  try {
    require('leveldown');
    return { path };
  } catch (error) {
    console.log(`records are kept in memory: ${error.message}`);
    return {};
  }
}

const server = kinesalite({ ...storage(), createStreamMs: 0, deleteStreamMs: 0, updateStreamMs: 0, shardLimit: 100 });
server.listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
