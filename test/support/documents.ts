import { glob, readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type CodeBlock, codeBlocks } from "./markdown.js";

export const repository = resolve(import.meta.dirname, "../..");

export interface Document {
	/** In the repository. */
	readonly path: string;
	readonly text: string;
	readonly blocks: readonly CodeBlock[];
}

export async function readDocument(path: string): Promise<Document> {
	const text = await readFile(join(repository, path), "utf8");
	return { path, text, blocks: codeBlocks(text) };
}

/** Every document that people read, in the order of its path. */
export async function allDocuments(): Promise<Document[]> {
	const patterns = ["*.md", "docs/**/*.md", "examples/**/*.md", "sandbox/*.md", "service/*.md"];
	const paths: string[] = [];
	for await (const path of glob(patterns, { cwd: repository, exclude: ["**/node_modules/**"] })) {
		paths.push(relative(repository, join(repository, path)));
	}
	return await Promise.all(paths.sort().map(readDocument));
}
