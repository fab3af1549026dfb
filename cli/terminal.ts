import { shown, type Words } from "../dns/index.js";
import type { Edge } from "./edge.js";

/** The edge as the commands know it: what they say is escaped here, and nowhere else. See {@link shown}. */
export interface Terminal extends Omit<Edge, "out" | "err"> {
	out(words: Words): void;
	err(words: Words): void;
	/** Writes to the output what has rules of its own for that. */
	document(text: string): void;
}

export const terminalOn = (edge: Edge): Terminal => ({
	...edge,
	out: (words) => edge.out(`${shown(words)}\n`),
	err: (words) => edge.err(`${shown(words)}\n`),
	status: (line) => edge.status(shown(line)),
	document: edge.out,
});

/** A JSON document. What JSON itself leaves as it is, such as DEL, is escaped like all else, and means the same. */
export const jsonLines = (value: unknown): string[] => JSON.stringify(value, undefined, 2).split("\n");
