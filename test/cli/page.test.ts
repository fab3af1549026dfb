import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { exitCodes } from "../../cli/command-failure.js";
import { channels } from "../support/channels-command.js";
import { codeBlocks, firstCells } from "../support/markdown.js";
import { publishByHand, registered } from "../support/registered.js";
import { startStage } from "../support/stage.js";

const page = await readFile(resolve(import.meta.dirname, "../../docs/channels-command.md"), "utf8");

test("every command of the page works", async () => {
	await using stage = await startStage();
	const zone = stage.sandbox.route53.createZone("acme.com");
	const setup = await registered(stage, { tenant: "acme-support", domain: "mail.acme.com" });
	publishByHand(stage, zone, setup.dns_records);
	const commands = codeBlocks(page)
		.filter(({ language }) => language === "sh")
		.flatMap(({ code }) => code.split("\n"));
	expect(commands.length).toBeGreaterThan(0);
	for (const command of commands) {
		const [npx, name, ...args] = command.split(" ");
		expect([npx, name]).toEqual(["npx", "channels"]);
		expect(await channels(stage, args)).toMatchObject({ code: 0, stderr: "" });
	}
});

test("the page has every exit code", () => {
	expect(firstCells(page, "exit code")).toEqual([Object.values(exitCodes).map(String)]);
});
