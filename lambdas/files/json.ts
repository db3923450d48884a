import { Tokenizer, TokenType } from '@streamparser/json';
import { importLimits } from '../contract/imports';
import { FileBroken, FileRefused, toEnding } from './sink';

/** A value of JSON. Objects are maps: a file may name a member as it likes. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

type Frame = { list: Json[] } | { object: JsonObject; key: string | undefined };

/** Members of one object; properties have a few dozen. */
const MOST_MEMBERS = 1_000;
/** Lists and objects that are held at a time: a coordinate is one. */
const MOST_CONTAINERS = importLimits.points + 50_000;
/** Texts and numbers that are held at a time: ten a point. */
const MOST_VALUES = 10 * importLimits.points;
/** The list whose entries are handed over one by one. */
const STREAMED = 'features';

interface JsonEvents {
  /** An entry of the root's `features`, in order. */
  entry(value: Json): void;
  /** The root without its `features`. */
  root(value: Json): void;
}

/**
 * JSON, piece by piece: entries of the list `features` are handed over as they end, and forgotten. Depth, members and
 * what one entry may hold are limited.
 */
export class JsonReader {
  private readonly tokenizer = new Tokenizer();
  private readonly frames: Frame[] = [];
  private containers = 0;
  private values = 0;
  /** Bytes since the last token. */
  private pending = 0;
  private done = false;

  constructor(private readonly events: JsonEvents) {
    this.tokenizer.onToken = ({ token, value }) => {
      this.pending = 0;
      this.take(token, value);
    };
  }

  /** @throws FileRefused, FileBroken */
  write(chunk: Uint8Array): void {
    const size = importLimits.tokenBytes;
    for (let at = 0; at < chunk.length; at += size) {
      const piece = chunk.subarray(at, at + size);
      this.pending += piece.length;
      this.strictly(() => this.tokenizer.write(piece));
      if (this.pending > 2 * size) {
        throw new FileRefused('token_too_long', `A text or number is longer than ${size} bytes.`);
      }
    }
  }

  /** @throws FileRefused, FileBroken */
  end(): void {
    this.strictly(() => {
      if (!this.tokenizer.isEnded) this.tokenizer.end();
    });
    if (!this.done) throw new FileBroken('The file ends before its JSON does.');
  }

  private strictly(step: () => void): void {
    try {
      step();
    } catch (error) {
      throw toEnding(error, 'This is no JSON from here on');
    }
  }

  private take(token: TokenType, value: string | number | boolean | null): void {
    switch (token) {
      case TokenType.LEFT_BRACE:
        this.push({ object: new Map(), key: undefined });
        break;
      case TokenType.LEFT_BRACKET:
        this.push({ list: [] });
        break;
      case TokenType.RIGHT_BRACE:
      case TokenType.RIGHT_BRACKET:
        this.pop(token === TokenType.RIGHT_BRACKET);
        break;
      // What stands between values need not be looked at: a missing comma harms nobody.
      case TokenType.COLON:
      case TokenType.COMMA:
      case TokenType.SEPARATOR:
        break;
      default:
        this.put(value);
    }
  }

  private push(frame: Frame): void {
    this.frames.push(frame);
    this.containers += 1;
    if (this.frames.length > importLimits.depth) {
      throw new FileRefused(
        'nested_too_deeply',
        `More than ${importLimits.depth} lists and objects lie within each other.`,
      );
    }
    if (this.containers > MOST_CONTAINERS) throw this.tooMuch();
  }

  private pop(list: boolean): void {
    const frame = this.frames.pop();
    if (!frame || 'list' in frame !== list) throw new FileBroken('A bracket closes what none has opened.');
    this.put('list' in frame ? frame.list : frame.object);
  }

  private put(value: Json): void {
    const frame = this.frames.at(-1);
    if (!frame) this.close(value);
    else if ('list' in frame) this.add(frame.list, value);
    else if (frame.key === undefined) this.name(frame, value);
    else {
      this.count();
      frame.object.set(frame.key, value);
      frame.key = undefined;
    }
  }

  private add(list: Json[], value: Json): void {
    this.count();
    if (this.isStreamed()) this.handOver(value);
    else list.push(value);
  }

  private count(): void {
    this.values += 1;
    if (this.values > MOST_VALUES) throw this.tooMuch();
  }

  private name(frame: { key: string | undefined; object: JsonObject }, value: Json): void {
    if (typeof value !== 'string') throw new FileBroken('The name of a member is no text.');
    if (frame.object.size >= MOST_MEMBERS) {
      throw new FileRefused('too_many_members', `An object has more than ${MOST_MEMBERS} members.`);
    }
    frame.key = value;
  }

  /** Whether the innermost list is the root's `features`. */
  private isStreamed(): boolean {
    const [root] = this.frames;
    return this.frames.length === 2 && root !== undefined && 'object' in root && root.key === STREAMED;
  }

  private handOver(value: Json): void {
    this.containers = this.frames.length;
    this.values = 0;
    this.events.entry(value);
  }

  private close(value: Json): void {
    if (this.done) throw new FileBroken('Something follows the end of the JSON.');
    this.done = true;
    this.events.root(value);
  }

  private tooMuch(): FileRefused {
    return new FileRefused('too_many_points', `A feature has more than ${importLimits.points} coordinates.`);
  }
}
