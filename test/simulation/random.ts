/** Chance that comes again: the same seed gives the same numbers, on every machine. */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
		// Neighbouring seeds begin alike otherwise.
		for (let warmUp = 0; warmUp < 4; warmUp += 1) this.next();
	}

	/** Uniform in [0, 1): mulberry32 (github.com/cprosche/mulberry32). */
	next = (): number => {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
		bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
		return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
	};

	/** A whole number from `from` to `to`, both included. */
	integer(from: number, to: number): number {
		return from + Math.floor(this.next() * (to - from + 1));
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	pick<T>(items: readonly T[]): T {
		if (items.length === 0) throw new Error("nothing to pick from");
		return items[Math.floor(this.next() * items.length)] as T;
	}

	/** One of the values, each as often as its weight says. */
	weighted<T>(...choices: readonly (readonly [weight: number, value: T])[]): T {
		let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
		for (const [weight, value] of choices) {
			left -= weight;
			if (left < 0) return value;
		}
		return (choices.at(-1) as readonly [number, T])[1];
	}

	/** Characters of an alphabet. */
	text(length: number, alphabet: string): string {
		return Array.from({ length }, () => this.pick([...alphabet])).join("");
	}

	uuid(): string {
		const hex = this.text(32, "0123456789abcdef");
		return [
			hex.slice(0, 8),
			hex.slice(8, 12),
			`4${hex.slice(13, 16)}`,
			`a${hex.slice(17, 20)}`,
			hex.slice(20),
		].join("-");
	}

	/** A source of its own, so that what one part draws does not change what another one gets. */
	fork(): Random {
		return new Random(Math.floor(this.next() * 2 ** 32));
	}
}
