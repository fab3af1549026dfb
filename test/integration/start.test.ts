// @module-tag all
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { runProcess, startProcess } from "../../sandbox/engine/process.js";
import { waitUntil } from "../support/wait.js";

const repository = resolve(import.meta.dirname, "../..");
const script = join(repository, "scripts/start.mts");

const stackFiles = async () =>
	(await readdir(repository)).filter((name) => /^Pulumi\.npm-start-.*\.yaml$/.test(name));

test.each([
	{ command: "npm start", options: [] },
	{ command: "npm start -- --embedded", options: ["--embedded"] },
])(
	"`$command` shows five verified records and leaves nothing behind",
	{ tags: ["witness"] },
	async ({ options }) => {
		const before = await stackFiles();
		const { code, stdout, stderr } = await runProcess(process.execPath, [script, ...options], {
			cwd: repository,
		});
		expect(stderr).toBe("");
		expect(stdout.match(/✓ verified/g)).toHaveLength(5);
		expect(stdout).toContain("mail.acme.com is registered, published and verified");
		expect(code).toBe(0);
		expect(await stackFiles()).toEqual(before);
	},
);

test("`npm start -- --keep` prints commands that work as they stand, and ends at ^C", async () => {
	const before = await stackFiles();
	let output = "";
	const running = await startProcess(process.execPath, [script, "--keep"], {
		cwd: repository,
		onOutput: (text) => {
			output += text;
		},
	});
	try {
		await waitUntil(() => /destroy --yes\n/.test(output), { timeoutMs: 120_000, what: () => output });
		const commands = output.split("\n").filter((line) => /^ {2}(\. |curl )/.test(line));
		expect(commands).toHaveLength(4);
		const answers: string[] = [];
		for (const command of commands) {
			// npm's part is to bring the clone up to date, which it is.
			const direct = command.replace(
				"npm run -s pulumi --",
				`${process.execPath} sandbox/dist/engine/main.js`,
			);
			const { code, stdout, stderr } = await runProcess("/bin/sh", ["-c", direct], { cwd: repository });
			expect(code, `${command}\n${stdout}${stderr}`).toBe(0);
			answers.push(stdout);
		}
		expect(answers[0]).toContain("4 unchanged");
		expect(JSON.parse(answers[2] ?? "")).toMatchObject({ items: [{ domain_identity: "mail.acme.com" }] });
		expect(answers[3]).toContain("4 deleted");
	} finally {
		running.kill("SIGINT");
	}
	expect((await running.result).code).toBe(0);
	expect(await stackFiles()).toEqual(before);
});
