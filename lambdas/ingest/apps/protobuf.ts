import { BadRequest } from '../../contract/errors';

/** A field of a message as it lies on the wire: a whole number, or bytes that its schema gives a meaning. */
export interface Field {
  number: number;
  value: number | Uint8Array;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

const broken = () =>
  new BadRequest('not_understood', 'The body is no protocol buffer: it ends or errs within a field.');

/** Reads a message byte by byte, and no byte twice. */
class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Seven bits a byte, the lowest first. Above 2^53 it is not exact, which no field read here comes to. */
  varint(): number {
    let value = 0;
    for (let factor = 1, count = 0; count < 10; count++, factor *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw broken();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw broken();
  }

  take(count: number): Uint8Array {
    const end = this.at + count;
    if (end > this.bytes.length) throw broken();
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  value(type: number): Field['value'] {
    if (type === VARINT) return this.varint();
    if (type === FIXED_64) return this.take(8);
    if (type === FIXED_32) return this.take(4);
    if (type === LENGTH_DELIMITED) return this.take(this.varint());
    // Groups went out of use before the feeds that are read here came up.
    throw broken();
  }
}

/**
 * Reads the fields of one message, in their order, in a time that grows with its length; messages within are bytes,
 * read when asked for. Source: Protocol Buffers, "Encoding".
 * @throws BadRequest (`not_understood`) where the bytes are none
 */
export function fieldsOf(bytes: Uint8Array): Field[] {
  const reader = new Reader(bytes);
  const fields: Field[] = [];
  while (!reader.atEnd) {
    const tag = reader.varint();
    const number = Math.floor(tag / 8);
    if (number === 0) throw broken();
    fields.push({ number, value: reader.value(tag % 8) });
  }
  return fields;
}

/** The last of a field that is given, as a schema without `repeated` wants it. */
const last = (fields: readonly Field[], number: number) => fields.findLast((field) => field.number === number)?.value;

export const messages = (fields: readonly Field[], number: number): Uint8Array[] =>
  fields.flatMap((field) => (field.number === number && typeof field.value !== 'number' ? [field.value] : []));

/** @returns the fields of a message within; none where it is not given */
export function message(fields: readonly Field[], number: number): Field[] | undefined {
  const value = last(fields, number);
  return value instanceof Uint8Array ? fieldsOf(value) : undefined;
}

export function integer(fields: readonly Field[], number: number): number | undefined {
  const value = last(fields, number);
  return typeof value === 'number' ? value : undefined;
}

export function float(fields: readonly Field[], number: number): number | undefined {
  const value = last(fields, number);
  if (!(value instanceof Uint8Array) || value.length !== 4) return undefined;
  return new DataView(value.buffer, value.byteOffset, 4).getFloat32(0, true);
}

export function text(fields: readonly Field[], number: number): string | undefined {
  const value = last(fields, number);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined;
}
