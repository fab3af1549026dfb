/** A queue of several lines, such as one for each workspace, whose firsts come up in turn: a long line delays its own. */
export class FairQueue<Item> {
	/** Only those in which somebody waits, in the order in which they come up. */
	readonly #lines = new Map<string, Set<Item>>();

	get isEmpty(): boolean {
		return this.#lines.size === 0;
	}

	add(line: string, item: Item): void {
		const waiting = this.#lines.get(line);
		if (waiting) waiting.add(item);
		else this.#lines.set(line, new Set([item]));
	}

	/** For one that gives up. */
	remove(line: string, item: Item): void {
		const waiting = this.#lines.get(line);
		waiting?.delete(item);
		if (waiting?.size === 0) this.#lines.delete(line);
	}

	/** Takes the first of the line that comes up; undefined if nobody waits in one that may. */
	next(may: (line: string) => boolean = () => true): Item | undefined {
		for (const [line, waiting] of this.#lines) {
			if (!may(line)) continue;
			const [first] = waiting;
			this.#lines.delete(line);
			if (first === undefined) continue;
			waiting.delete(first);
			if (waiting.size > 0) this.#lines.set(line, waiting);
			return first;
		}
		return undefined;
	}
}
