/** Everything outside that the commands touch; `main.ts` builds the real one. */
export interface Edge {
	/** Arguments after the command's own name. */
	readonly args: readonly string[];
	env(key: string): string | undefined;
	/** What the command is for: what a pipe gets. */
	out(text: string): void;
	/** What is said about it, for a person. */
	err(text: string): void;
	/** Shows what is being done, in one line that the next one replaces; `""` takes it away. */
	status(line: string): void;
	/** @throws as `node:fs` does */
	writeFile(path: string, text: string): Promise<void>;
	/** Milliseconds since the epoch. */
	now(): number;
	/** Aborts when the person wants to stop. */
	readonly stop: AbortSignal;
}
