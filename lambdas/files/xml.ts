import { SaxesParser } from 'saxes';
import { importLimits } from '../contract/imports';
import { FileRefused, toEnding } from './sink';
import { decoderFor } from './text';

/** What a reader of XML gets to hear. Names are without their prefix. */
export interface XmlEvents {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  /** Text may come in several parts. */
  text(text: string): void;
  close(name: string): void;
}

/** Of the root's names of namespaces there may be a dozen; nothing has hundreds. */
const MOST_ATTRIBUTES = 200;
/** Characters handed to the parser at a time: between two of them a token's length is looked at. */
const PIECE = 16 * 1024;

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * XML, piece by piece, strictly. A document type is refused, so there are no entities but XML's own five; depth,
 * attributes and the length of each token are limited. So neither time nor memory grows beyond the file's own size.
 */
export class XmlReader {
  private readonly parser = new SaxesParser({ xmlns: false, position: true });
  private decoder: TextDecoder | undefined;
  private held: Uint8Array = new Uint8Array(0);
  private depth = 0;
  private attributes = 0;
  /** Characters since the last token ended. */
  private pending = 0;

  constructor(private readonly events: XmlEvents) {
    const { parser } = this;
    const ended = () => {
      this.pending = 0;
    };
    parser.on('doctype', () => {
      throw new FileRefused('dtd_refused', 'The file has a document type declaration, which no track needs.');
    });
    parser.on('opentagstart', () => {
      this.attributes = 0;
      ended();
    });
    parser.on('attribute', () => this.countAttribute());
    parser.on('opentag', (tag) => this.open(tag.name, tag.attributes));
    parser.on('closetag', (tag) => {
      this.depth -= 1;
      ended();
      this.events.close(localName(tag.name));
    });
    for (const kind of ['text', 'cdata'] as const) {
      parser.on(kind, (text) => {
        ended();
        this.events.text(text);
      });
    }
    parser.on('comment', ended);
    parser.on('processinginstruction', ended);
  }

  /** Where the parser is, for people. */
  get place(): string {
    return `line ${this.parser.line}`;
  }

  /** @throws FileRefused, FileBroken */
  write(chunk: Uint8Array): void {
    if (this.decoder) this.feed(this.decoder.decode(chunk, { stream: true }));
    else {
      // The declaration says the encoding: wait for all of it.
      this.held = Buffer.concat([this.held, chunk]);
      if (this.held.length >= 256) this.begin();
    }
  }

  /** @throws FileRefused, FileBroken */
  end(): void {
    if (!this.decoder) this.begin();
    this.feed(this.decoder?.decode() ?? '');
    this.strictly(() => this.parser.close());
  }

  private begin(): void {
    const held = this.held;
    this.held = new Uint8Array(0);
    this.decoder = decoderFor(held);
    this.feed(this.decoder.decode(held, { stream: true }));
  }

  private feed(text: string): void {
    for (let at = 0; at < text.length; at += PIECE) {
      const piece = text.slice(at, at + PIECE);
      this.pending += piece.length;
      this.strictly(() => this.parser.write(piece));
      if (this.pending > importLimits.tokenBytes + PIECE) {
        const detail = `Near ${this.place} a tag, text or comment is longer than ${importLimits.tokenBytes} characters.`;
        throw new FileRefused('token_too_long', detail);
      }
    }
  }

  /** What the parser throws by itself is about the file's form. */
  private strictly(step: () => unknown): void {
    try {
      step();
    } catch (error) {
      throw toEnding(error, 'This is no XML from here on, line:column');
    }
  }

  private countAttribute(): void {
    this.attributes += 1;
    if (this.attributes <= MOST_ATTRIBUTES) return;
    throw new FileRefused('too_many_attributes', `An element at ${this.place} has more than ${MOST_ATTRIBUTES}.`);
  }

  private open(name: string, attributes: Readonly<Record<string, string>>): void {
    this.pending = 0;
    this.depth += 1;
    if (this.depth > importLimits.depth) {
      const detail = `At ${this.place} more than ${importLimits.depth} elements lie within each other.`;
      throw new FileRefused('nested_too_deeply', detail);
    }
    this.events.open(localName(name), attributes);
  }
}
