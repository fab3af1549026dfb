import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { table } from "../../provider/core/records/decide.js";

const page = await readFile(join(import.meta.dirname, "../../docs/route53.md"), "utf8");

test("docs/route53.md has the table by which a plan decides", () => {
	const rows = [...page.matchAll(/^\| `(\w+)`(, unseen)? \|[^|]*\| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(
		([, found = "", unseen, error = "", keep = "", overwrite = ""]) =>
			[`${found}${unseen ?? ""}`, { error, keep, overwrite }] as const,
	);
	const decided = Object.entries(table).flatMap(([found, row]) =>
		"shown" in row
			? [[found, row.shown] as const, [`${found}, unseen`, row.unseen] as const]
			: [[found, row] as const],
	);
	expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(decided));
});
