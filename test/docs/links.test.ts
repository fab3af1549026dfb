import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import GithubSlugger from "github-slugger";
import { expect, test } from "vitest";
import { allDocuments, repository } from "../support/documents.js";
import { proseOf } from "../support/markdown.js";

const documents = await allDocuments();

/** By document: the anchors of its headings, as GitHub makes them, and those that it sets itself. */
const anchors = new Map(
	documents.map(({ path, text }) => {
		const slugger = new GithubSlugger();
		const prose = proseOf(text);
		const headings = [...prose.matchAll(/^#+ +(.+)$/gm)].map(([, heading = ""]) =>
			slugger.slug(heading.replaceAll(/[`*]|\\(?=\W)/g, "")),
		);
		const own = [...prose.matchAll(/<a id="([^"]+)"/g)].map(([, id = ""]) => id);
		return [path, new Set([...headings, ...own])];
	}),
);

test("every link between documents leads to a file, and to a heading there", async () => {
	const links = documents.flatMap(({ path, text }) =>
		[...proseOf(text).matchAll(/\]\(([^)\s#]*)(?:#([^)\s]+))?\)/g)]
			.map(([, target = "", anchor]) => ({ path, target, anchor }))
			.filter(({ target }) => !/^[a-z]+:/.test(target)),
	);
	expect(links.length).toBeGreaterThan(50);
	const broken: string[] = [];
	for (const { path, target, anchor } of links) {
		const file = target === "" ? path : relative(repository, join(repository, dirname(path), target));
		const exists = await access(join(repository, file)).then(
			() => true,
			() => false,
		);
		const hasAnchor = anchor === undefined || anchors.get(file)?.has(anchor);
		if (!exists || !hasAnchor) broken.push(`${path}: ${target}${anchor === undefined ? "" : `#${anchor}`}`);
	}
	expect(broken).toEqual([]);
});

test("the README leads to every page", () => {
	const readme = documents.find(({ path }) => path === "README.md")?.text ?? "";
	const pages = documents.map(({ path }) => path).filter((path) => /^docs\/[\w-]+\.md$/.test(path));
	expect(pages.filter((page) => !readme.includes(`](${page}`))).toEqual([]);
});

test("each picture of a terminal is shown, with words for those who do not see it, and names no machine", async () => {
	const pictures = (await readdir(join(repository, "docs/pictures"))).filter((file) => file.endsWith(".svg"));
	expect(pictures.length).toBeGreaterThan(0);
	for (const picture of pictures) {
		const shown = documents.filter(({ text }) =>
			new RegExp(`!\\[[^\\]]{10,}\\]\\([^)]*${picture}\\)`).test(text),
		);
		expect(shown.length, picture).toBeGreaterThan(0);
		const svg = await readFile(join(repository, "docs/pictures", picture), "utf8");
		expect(svg).not.toMatch(/\/tmp\/|\/home\/|\/root\/|file:/);
	}
});
