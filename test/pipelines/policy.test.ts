import { expect, test } from "vitest";
import { filesIn } from "../support/examples.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const program = (more: string) => `
	import * as pulumi from "@pulumi/pulumi";
	import { ChannelsProvider, SesSetup } from "pulumi-channels";
	const account = { apiKey: "a-key", workspaceId: pulumi.runtime.getConfig("channels:workspaceId") };
	const setup = (name, args, options) =>
		new SesSetup(name, { tenantName: name, domainIdentity: \`\${name}.acme.test\`, ...args }, options);
	${more}
`;

/** What a preview in production says of a program, with the policies. */
async function preview(more: string, options: { stack?: string; expectFailure?: boolean } = {}) {
	const { stack = "production", expectFailure = false } = options;
	const project = await stage.project({
		stack,
		program: program(more),
		files: await filesIn("examples/gitops/policy", "policy/"),
	});
	const { all } = await project.pulumi(["preview", "--policy-pack", "policy"], { expectFailure });
	return all;
}

test("the policies refuse overwritten mail, a domain in production without protection, and a key in clear", async () => {
	const said = await preview(
		`
			setup("ours", {
				route53: {
					records: ["dkim", "mx", "dmarc", "other"],
					onConflict: { mx: "overwrite", dmarc: "overwrite", other: "overwrite" },
				},
			});
			const clear = new pulumi.ProviderResource("pulumi-nodejs", "clear", {
				"channels:apiKey": account.apiKey,
				"channels:workspaceId": account.workspaceId,
			});
			setup("theirs", {}, { provider: clear, protect: true });
		`,
		{ expectFailure: true },
	);
	expect(said.match(/\[mandatory\] {2}\S+ {2}\(.*\)/g)?.sort()).toEqual([
		"[mandatory]  keep-mail-and-dmarc  (pulumi-nodejs:dynamic/channels:Route53Records: ours-records)",
		"[mandatory]  keep-mail-and-dmarc  (pulumi-nodejs:dynamic/channels:Route53Records: ours-records)",
		"[mandatory]  known-records  (pulumi-nodejs:dynamic/channels:Route53Records: ours-records)",
		"[mandatory]  protect-production  (pulumi-nodejs:dynamic/channels:SesSetup: ours)",
		"[mandatory]  secret-api-key  (pulumi:providers:pulumi-nodejs: clear)",
	]);
	expect(said).toContain('onConflict.mx is "overwrite"');
	expect(said).toContain('onConflict.dmarc is "overwrite"');
	expect(said).not.toContain("a-key");
});

test("the policies accept kept records, a protected domain, and keys that are secrets", async () => {
	const said = await preview(`
		setup("ours", { route53: { onConflict: { mx: "keep", dmarc: "keep" } } }, { protect: true });
		setup("theirs", {}, { provider: new ChannelsProvider("other", account), protect: true });
	`);
	expect(said).toContain("✅ mail-domains@v1.0.0");
});

test("the policies ask for no protection outside production", async () => {
	expect(await preview(`setup("ours", { route53: true });`, { stack: "dev" })).toContain("✅ mail-domains");
});
