import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDocument, repository } from "../support/documents.js";

interface Policy {
	Version: string;
	Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
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
	expect(actions(policy("names"))).toEqual(["route53:ChangeResourceRecordSets"]);
});

test("the policy of the service allows the calls of SES that it makes, tags on what it creates, and no other", async () => {
	const made = await operations("service/upstream/*.ts", "@aws-sdk/client-sesv2", "ses");
	expect(made).toContain("ses:CreateEmailIdentity");
	// Creating with tags needs it (SES Developer Guide, "Tagging resources").
	expect(actions(policy("ses"))).toEqual([...made, "ses:TagResource"].sort());
});

test("only what cannot be limited to a resource is allowed for all", () => {
	// AWS service authorization reference, for Route 53 and for SES v2: these have no resource types.
	const unlimited = ["route53:ListHostedZonesByName", "ses:ListTenants", "ses:ListEmailIdentities"];
	for (const { Effect, Action, Resource } of ["route53", "names", "ses"].flatMap(
		(name) => policy(name).Statement,
	)) {
		expect(Effect).toBe("Allow");
		for (const action of [Action].flat()) expect(Resource === "*", action).toBe(unlimited.includes(action));
	}
});
