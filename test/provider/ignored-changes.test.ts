import { expect, test } from "vitest";
import { ignoredChanges } from "../../provider/ignored-changes.js";

const route53 = [
	...["zoneId", "records", "ttl", "onConflict", "delegationCheck"],
	...["region", "profile", "roleArn", "externalId"],
];

test.each([
	["tenantName", { setup: ["tenantName"], records: [], verification: [] }],
	["route53.ttl", { setup: ["route53.ttl"], records: ["ttl"], verification: [] }],
	['route53["ttl"]', { setup: ['route53["ttl"]'], records: ['["ttl"]'], verification: [] }],
	[
		'["route53"].onConflict.mx',
		{ setup: ['["route53"].onConflict.mx'], records: ["onConflict.mx"], verification: [] },
	],
	["route53.records", { setup: ["route53.records"], records: ["records"], verification: ["published"] }],
	["route53", { setup: ["route53"], records: route53, verification: ["published"] }],
	["route53.*", { setup: ["route53.*"], records: route53, verification: ["published"] }],
	[
		'waitForVerification["purpose"][0]',
		{ setup: ["waitPurpose[0]"], records: [], verification: ['["purpose"][0]'] },
	],
	["waitForVerification.timeout", { setup: ["waitTimeout"], records: [], verification: ["timeout"] }],
	[
		"waitForVerification",
		{ setup: ["waitTimeout", "waitPurpose"], records: [], verification: ["timeout", "purpose"] },
	],
	["*", { setup: ["*"], records: route53, verification: ["published", "timeout", "purpose"] }],
])("a setup that ignores changes of %s, and what its children ignore", (path, expected) => {
	expect(ignoredChanges([path])).toEqual(expected);
});
