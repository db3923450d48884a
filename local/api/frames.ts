/**
 * Reads the headers of the frames that a client sends, to hold each against the frame quota: the WebSocket library
 * limits messages, not frames. It keeps no payload.
 */
export class FrameWatch {
  private header: number[] = [];
  /** payload bytes of the current frame that are still to come */
  private skip = 0;

  constructor(private readonly limitBytes: number) {}

  /** @returns false once a frame announces more than the limit; nothing after that is meaningful */
  accepts(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      const passed = Math.min(this.skip, chunk.length - at);
      this.skip -= passed;
      at += passed;
      const byte = chunk[at];
      if (byte === undefined) break;
      this.header.push(byte);
      at += 1;
      const length = this.payloadLength();
      if (length === undefined) continue;
      if (length > this.limitBytes) return false;
      this.header = [];
      this.skip = length;
    }
    return true;
  }

  /** RFC 6455 §5.2. @returns undefined while the header is incomplete */
  private payloadLength(): number | undefined {
    const [, second] = this.header;
    if (second === undefined) return undefined;
    const short = second & 0x7f;
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    const maskBytes = second & 0x80 ? 4 : 0;
    if (this.header.length < 2 + extended + maskBytes) return undefined;
    if (extended === 0) return short;
    return this.header.slice(2, 2 + extended).reduce((length, byte) => length * 256 + byte, 0);
  }
}
