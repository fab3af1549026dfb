import { glob, readFile } from "node:fs/promises";
import { join, matchesGlob } from "node:path";
import { expect, test } from "vitest";
import { kindsOf } from "../../provider/arguments/record-kinds.js";
import { readDocument, repository } from "../support/documents.js";

interface Policy {
	Version: string;
	Statement: {
		Effect: string;
		Action: string | string[];
		Resource: string | string[];
		Condition?: Record<string, Record<string, string | string[]>>;
	}[];
}

const { text } = await readDocument("docs/security.md");

/** The policy below `<!-- policy: NAME -->`. */
function policy(name: string): Policy {
	const [, json] = new RegExp(`<!-- policy: ${name} -->\\s+\`\`\`json\\n([\\s\\S]*?)\`\`\``).exec(text) ?? [];
	if (json === undefined) throw new Error(`docs/security.md has no policy "${name}"`);
	return JSON.parse(json) as Policy;
}

const actions = ({ Statement }: Policy) => Statement.flatMap(({ Action }) => Action).sort();

/** The operations of one AWS service that sources send, as IAM names them. */
async function operations(files: string, client: string, prefix: string): Promise<string[]> {
	const found = new Set<string>();
	for await (const file of glob(files, { cwd: repository })) {
		const source = await readFile(join(repository, file), "utf8");
		if (!source.includes(client)) continue;
		for (const [, operation] of source.matchAll(/new (?:\w+\.)*(\w+)Command\(/g))
			found.add(`${prefix}:${operation}`);
	}
	return [...found].sort();
}

test("the policy of the provider allows the calls of Route 53 that it makes, and no other", async () => {
	const made = await operations("provider/core/**/*.ts", "@aws-sdk/client-route-53", "route53");
	expect(made).toContain("route53:ChangeResourceRecordSets");
	expect(actions(policy("route53"))).toEqual(made);
});

test("the policy of the provider allows a change of a setup's records alone, and no request that says nothing of them", () => {
	const change = policy("route53").Statement.find(
		({ Action }) => Action === "route53:ChangeResourceRecordSets",
	);
	const { Null = {}, ...conditions } = change?.Condition ?? {};
	const keys = Object.values(conditions).flatMap(Object.keys);
	expect(keys).toHaveLength(3);
	expect(Null).toEqual(Object.fromEntries(keys.map((key) => [key, "false"])));
	const { "route53:ChangeResourceRecordSetsNormalizedRecordNames": names = [] } =
		conditions["ForAllValues:StringLike"] ?? {};
	const domain = "mail.acme.com";
	const records = ["dkim", "mx", "dmarc", "mailFrom"].flatMap((kind) =>
		[
			{ address: `token._domainkey.${domain}`, type: "CNAME", record: "token.dkim.amazonses.com" },
			{ address: domain, type: "MX", record: "10 inbound-smtp.us-east-1.amazonaws.com" },
			{ address: `_dmarc.${domain}`, type: "TXT", record: "v=DMARC1; p=none" },
			{ address: `bounce.${domain}`, type: "MX", record: "10 feedback-smtp.us-east-1.amazonses.com" },
			{ address: `bounce.${domain}`, type: "TXT", record: "v=spf1 include:amazonses.com ~all" },
		].filter((record, _, all) => kindsOf(all, domain)(record) === kind),
	);
	const isAllowed = (name: string) => [names].flat().some((pattern) => matchesGlob(name, pattern));
	expect(records.filter(({ address }) => !isAllowed(address))).toEqual([]);
	for (const name of ["acme.com", `login.${domain}`, `_acme-challenge.${domain}`, "login.acme.com"])
		expect(isAllowed(name), name).toBe(false);
	expect(conditions["ForAllValues:StringEquals"]).toEqual({
		"route53:ChangeResourceRecordSetsRecordTypes": [...new Set(records.map(({ type }) => type))],
		"route53:ChangeResourceRecordSetsActions": ["CREATE", "DELETE"],
	});
});

test("the policy for SES allows the calls that provider and service make, tags on what they create, and no other", async () => {
	const made = await operations("{ses,provider/core}/**/*.ts", "@aws-sdk/client-sesv2", "ses");
	expect(made).toContain("ses:CreateEmailIdentity");
	// Creating with tags needs it, too (SES Developer Guide, "Tagging resources").
	expect(made).toContain("ses:TagResource");
	expect(actions(policy("ses"))).toEqual(made);
});

test("only what cannot be limited to a resource is allowed for all", () => {
	// AWS service authorization reference, for Route 53 and for SES v2: these have no resource types.
	const unlimited = [
		"route53:ListHostedZonesByName",
		"ses:GetAccount",
		"ses:ListTenants",
		"ses:ListEmailIdentities",
	];
	for (const { Effect, Action, Resource } of ["route53", "ses"].flatMap((name) => policy(name).Statement)) {
		expect(Effect).toBe("Allow");
		for (const action of [Action].flat()) expect(Resource === "*", action).toBe(unlimited.includes(action));
	}
});
