/** A set that remembers so many keys and forgets the one not asked for longest. */
export class Recent {
  private readonly keys = new Set<string>();

  constructor(private readonly capacity: number) {}

  /** Asking for a key keeps it longer. */
  has(key: string): boolean {
    if (!this.keys.delete(key)) return false;
    this.keys.add(key);
    return true;
  }

  add(key: string): void {
    this.keys.delete(key);
    this.keys.add(key);
    const [oldest] = this.keys;
    if (this.keys.size > this.capacity && oldest !== undefined) this.keys.delete(oldest);
  }
}
