import { App } from 'aws-cdk-lib';
import { waystream } from '../lib/app';

try {
  waystream(new App());
} catch (error) {
  // What is wrong is in the message; a stack of the library's frames would bury it.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
