// @module-tag all
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { makeScene, oneSetup } from "../support/scene.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

/** Line breaks, terminal sequences, commands of pipelines, and what Pulumi takes for colours; as Route 53 writes it. */
const hostile =
	"\\012::error title=verified::\\033[2J\\033]0;x\\007##vso[task.complete]##[error] %}> <{%boom%}> <{%";

test("what name servers say begins no line of `pulumi up`, steers no terminal and does not end it", async () => {
	const { zone, project } = await makeScene(stage, "foreign", "route53: true");
	const put = (name: string, text: string) =>
		stage.sandbox.route53.put(zone.id, { name, type: "TXT", values: [`"${text}"`] });
	const color = { args: ["--color=always"] };

	put("_dmarc.foreign.test", `v=DMARC1; p=reject; ${hostile}`);
	const warned = await project.up(color);
	expect(warned.all).toContain("Today the DMARC policy of foreign.test holds for mail.foreign.test");
	put("_dmarc.mail.foreign.test", `v=DMARC1; p=quarantine; ${hostile}`);
	await project.replaceProgram(
		`${oneSetup("foreign", "route53: true")}
import { Verification } from "pulumi-channels";
new Verification("own", { setupId: mail.id, dnsRecords: mail.dnsRecords, timeout: "1s" });`,
	);
	const waited = await project.up({ ...color, expectFailure: true });
	expect(waited.all).toContain("[records-not-verified]");

	for (const { all } of [warned, waited]) {
		const text = stripVTControlCharacters(all);
		for (const escaped of ["\\u000a::error", "\\u001b[2J", "\\u0023#vso[", "\\u003c{%boom%}"])
			expect(text).toContain(escaped);
		expect(text).not.toMatch(/^\s*::|##(vso)?\[/m);
	}
});
