/**
 * So long is held what leads to a zone's servers. Node tells no TTL of NS records; those that delegate a zone live for
 * hours (RFC 1912, 2.2, advises days), and where one is changed, the look after this one knows.
 */
const holdMs = 30_000;

/** Beyond so many the old ones are looked for, and forgotten. */
const crowd = 1_000;

/** Remembers things for a short time. */
export class Memory<Thing> {
	readonly #held = new Map<string, { thing: Thing; until: number }>();

	/** @param now milliseconds, of a clock that never goes back */
	constructor(private readonly now: () => number) {}

	get(key: string): Thing | undefined {
		const held = this.#held.get(key);
		return held && held.until > this.now() ? held.thing : undefined;
	}

	set(key: string, thing: Thing): void {
		const now = this.now();
		if (this.#held.size >= crowd)
			for (const [each, { until }] of this.#held) if (until <= now) this.#held.delete(each);
		if (this.#held.size < 2 * crowd) this.#held.set(key, { thing, until: now + holdMs });
	}

	clear(): void {
		this.#held.clear();
	}
}
