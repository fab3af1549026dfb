/** What an API asks for beyond the five records of our service: which of it is published, waited for and taken away. */
import { describe, expect, test } from "vitest";
import type { Purpose } from "../../provider/arguments/inputs.js";
import type { CheckedDnsRecord, DnsRecord } from "../../provider/shapes.js";
import { type Asking, askingFor, hostileShapes, mailFrom, shapes } from "../support/asking-for.js";
import { LocalProject, localScene, published } from "../support/deployment/project.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

/** A setup `mail` of `mail.<name>.test` at an API that asks for something else. */
async function scene(name: string, asking: Asking, more: Parameters<typeof localScene>[2] = published) {
	const { setup, zone, setups, records } = localScene(stage, name, more);
	const api = await askingFor(stage, zone, asking);
	const put = (at: string, type: "MX" | "TXT" | "CNAME" | "NS", ...values: string[]) =>
		stage.sandbox.route53.put(zone.id, { name: at, type, values });
	const valuesAt = (at: string, type: string) =>
		stage.sandbox.route53
			.records(zone.id)
			.find(({ Name, Type }) => Name === `${at}.` && Type === type)
			?.ResourceRecords?.map(({ Value }) => Value);
	return {
		...{ setup, zone, setups, records, put, valuesAt },
		project: new LocalProject(api, setup()),
		standing: () => stage.sandbox.route53.snapshot(zone.id),
		[Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
	};
}

const nameOf = (shape: string) => shape.toLowerCase().replace(/[^a-z0-9]+/g, "-");

describe.each(Object.entries(shapes))("an API that asks for %s", (shape, asking) => {
	test("has them published, verified, left alone by a second up, and taken away", async () => {
		await using it = await scene(nameOf(shape), asking);
		const before = it.standing();
		await it.project.up();
		const asked = it.project.outputs("mail")?.dnsRecords as { address: string; type: string }[];
		for (const { address, type } of asked)
			expect(it.valuesAt(address, type), `${type} ${address}`).toBeDefined();
		expect(it.project.outputs("mail-verification")?.verifiedDomain).toBe(`mail.${nameOf(shape)}.test`);
		expect((await it.project.up()).changes).toEqual([]);
		await it.project.refresh();
		expect((await it.project.up()).changes).toEqual([]);
		await it.project.destroy();
		expect(it.standing()).toBe(before);
	});
});

const purposes: [string, Purpose[]][] = [
	["sending", ["sending"]],
	["receiving", ["receiving"]],
	["both", ["sending", "receiving"]],
];

describe.each(purposes)("a wait for %s", (title, purpose) => {
	test.each(Object.entries(shapes))("ends at an API that asks for %s", async (shape, asking) => {
		await using it = await scene(`${title}-${nameOf(shape)}`, asking, {
			route53: true,
			waitForVerification: { purpose },
		});
		await it.project.up();
		const { dnsRecords, verifiedDomain } = it.project.outputs("mail-verification") ?? {};
		expect(verifiedDomain).toBe(it.setup().domainIdentity);
		const isNeeded = ({ type, address }: DnsRecord) =>
			(purpose.includes("receiving") && type === "MX" && address === verifiedDomain) ||
			(purpose.includes("sending") && (address.includes("_domainkey") || address.startsWith("bounce.")));
		for (const record of dnsRecords as CheckedDnsRecord[])
			if (isNeeded(record)) expect(record.verified, `${record.type} ${record.address}`).toBe(true);
	});
});

describe.each(Object.entries(hostileShapes))("an API that asks for %s", (shape, asking) => {
	const name = `not-${nameOf(shape)}`;

	test("is refused by name before anything is published, and its setup is deleted again", async () => {
		await using it = await scene(name, asking);
		const before = it.standing();
		const { errors } = await it.project.up({ expectFailure: true });
		expect(errors.mail).toContain("nothing is published");
		expect(errors.mail).toContain("[records-unsafe]");
		expect(it.standing()).toBe(before);
		expect(it.setups()).toBe(0);
		expect(it.project.resources).toEqual([]);
	});

	test("is refused where the program publishes elsewhere, too", async () => {
		await using it = await scene(`${name}-elsewhere`, asking, {});
		const { errors } = await it.project.up({ expectFailure: true });
		expect(errors.mail).toContain("[records-unsafe]");
		expect(it.setups()).toBe(0);
	});
});

test("no setup begins to ask for what is not published on its word once it is there: the preview refuses that", async () => {
	let asking: Asking = (records) => records;
	await using it = await scene("turning", (...asked) => asking(...asked));
	await it.project.up();
	const before = it.standing();
	asking = hostileShapes["a sibling"] as Asking;
	await it.project.refresh();
	const { all } = await it.project.preview({ expectFailure: true });
	expect(all).toContain("[records-unsafe]");
	await it.project.up({ expectFailure: true });
	expect(it.standing()).toBe(before);
	asking = (records) => records;
	await it.project.refresh();
	await it.project.up();
	await it.project.destroy();
});

describe("a record of no known kind", () => {
	const verification: Asking = (records, domain) => [
		...records,
		{ address: domain, type: "TXT", record: "site-verification=x" },
	];

	test("is refused, and published where the program lists it", async () => {
		await using it = await scene("known", verification);
		const { errors } = await it.project.up({ expectFailure: true });
		expect(errors.mail).toContain('TXT mail.known.test "site-verification=x"');
		expect(errors.mail).toContain("[records-unexpected]");
		expect(it.setups()).toBe(0);
		it.project.declare(it.setup({ ...published, route53: { records: ["dkim", "mx", "dmarc", "other"] } }));
		await it.project.up();
		expect(it.valuesAt("mail.known.test", "TXT")).toEqual(['"site-verification=x"']);
		await it.project.destroy();
		expect(it.records()).toBe(0);
	});
});

describe("where the records of a MAIL FROM will stand", () => {
	const asking = shapes["a custom MAIL FROM"] as Asking;

	test("what stood before, made by another tool, stays when the setup goes", async () => {
		await using it = await scene("before", asking);
		for (const { address, type, record } of mailFrom("mail.before.test"))
			it.put(address, type as "MX", type === "TXT" ? `"${record}"` : record);
		const before = it.standing();
		await it.project.up();
		await it.project.destroy();
		expect(it.standing()).toBe(before);
	});

	test("another exchanger is a conflict in words that fit, which leaves no setup behind", async () => {
		await using it = await scene("taken", asking);
		it.put("bounce.mail.taken.test", "MX", "10 bounces.other.example");
		const before = it.standing();
		const { errors } = await it.project.up({ expectFailure: true });
		expect(errors.mail).toContain("- MX 10 bounces.other.example");
		expect(errors.mail).toContain('mailFrom: "overwrite"');
		expect(errors.mail).not.toContain("moves all mail of the domain");
		expect(errors.mail).toContain("was deleted again");
		expect(it.setups()).toBe(0);
		expect(it.standing()).toBe(before);
	});

	test("another exchanger is replaced where the program says so, and put back in the end", async () => {
		await using it = await scene("replaced", asking, {
			route53: { onConflict: { mailFrom: "overwrite" } },
			waitForVerification: true,
		});
		it.put("bounce.mail.replaced.test", "MX", "10 bounces.other.example");
		const before = it.standing();
		await it.project.up();
		expect(it.valuesAt("bounce.mail.replaced.test", "MX")).toEqual([
			"10 feedback-smtp.us-east-1.amazonses.com",
		]);
		await it.project.destroy();
		expect(it.standing()).toBe(before);
	});

	test("an exchanger that comes beside ours later is drift", async () => {
		await using it = await scene("beside", asking);
		await it.project.up();
		it.put(
			"bounce.mail.beside.test",
			"MX",
			"10 feedback-smtp.us-east-1.amazonses.com",
			"20 bounces.other.example",
		);
		await it.project.refresh();
		expect((await it.project.preview()).all).toContain("20 bounces.other.example stands beside it");
	});

	test("a name that is delegated away is refused, and the setup is deleted again", async () => {
		await using it = await scene("delegated", asking);
		it.put("bounce.mail.delegated.test", "NS", "ns1.other.example");
		const { errors } = await it.project.up({ expectFailure: true });
		expect(errors.mail).toContain("bounce.mail.delegated.test is delegated away");
		expect(it.setups()).toBe(0);
	});

	test("a CNAME is in the way of both", async () => {
		await using it = await scene("alias", asking);
		it.put("bounce.mail.alias.test", "CNAME", "www.other.example");
		const { errors } = await it.project.up({ expectFailure: true });
		expect(errors.mail).toContain("- CNAME www.other.example");
		expect(errors.mail).toContain('other: "overwrite"');
		expect(it.setups()).toBe(0);
	});

	test("each is named with its own type where they are not verified", async () => {
		await using it = await scene("apart", asking, { waitForVerification: { timeout: "3s" } });
		const { errors } = await it.project.up({ expectFailure: true });
		expect(errors["mail-verification"]).toContain('MX bounce.mail.apart.test: expected "10 feedback-smtp.');
		expect(errors["mail-verification"]).toContain('TXT bounce.mail.apart.test: expected "v=spf1 ');
	});

	test("a wildcard that they silence is named", async () => {
		await using it = await scene("wild", asking);
		it.put("*.mail.wild.test", "TXT", '"anything"');
		const { all } = await it.project.up();
		expect(all).toContain("*.mail.wild.test");
		expect(all).toContain("bounce.mail.wild.test");
	});
});

describe("an API that begins to ask for a MAIL FROM", () => {
	const beginning = () => {
		const state = { isAsked: false };
		const asking: Asking = (records, domain) =>
			state.isAsked ? [...records, ...mailFrom(domain)] : [...records];
		return { asking, begin: () => (state.isAsked = true) };
	};

	test("has it published by the next refresh and up", async () => {
		const { asking, begin } = beginning();
		await using it = await scene("begun", asking);
		const before = it.standing();
		await it.project.up();
		begin();
		expect((await it.project.up()).changes).toEqual([]);
		await it.project.refresh();
		await it.project.up();
		expect(it.valuesAt("bounce.mail.begun.test", "MX")).toBeDefined();
		expect((await it.project.up()).changes).toEqual([]);
		await it.project.destroy();
		expect(it.standing()).toBe(before);
	});

	test("takes nothing for ours that stood there then", async () => {
		const { asking, begin } = beginning();
		await using it = await scene("then", asking);
		await it.project.up();
		const [mx, spf] = mailFrom("mail.then.test");
		it.put("bounce.mail.then.test", "MX", mx?.record ?? "");
		it.put("bounce.mail.then.test", "TXT", `"${spf?.record}"`);
		begin();
		await it.project.refresh();
		await it.project.up();
		await it.project.destroy();
		expect(it.records()).toBe(2);
	});

	test("changes nothing for a program that lists the records of before", async () => {
		const { asking, begin } = beginning();
		await using it = await scene("listed", asking, {
			route53: { records: ["dkim", "mx", "dmarc"] },
			waitForVerification: { purpose: "sending" },
		});
		await it.project.up();
		begin();
		await it.project.refresh();
		await it.project.up();
		expect(it.valuesAt("bounce.mail.listed.test", "MX")).toBeUndefined();
		expect(it.project.outputs("mail-verification")?.verifiedDomain).toBe("mail.listed.test");
	});
});

describe("an SPF record at the domain", () => {
	const asking = shapes["an SPF at the domain"] as Asking;
	const theirs = ['"v=spf1 include:_spf.other.example -all"', '"site-verification=x"'];

	test("is not published beside another one, which would void both", async () => {
		await using it = await scene("second", asking);
		it.put("mail.second.test", "TXT", ...theirs);
		const { errors } = await it.project.up({ expectFailure: true });
		expect(errors.mail).toContain('- TXT "v=spf1 include:_spf.other.example -all"');
		expect(errors.mail).toContain("RFC 7208");
		expect(it.setups()).toBe(0);
		expect(it.valuesAt("mail.second.test", "TXT")).toEqual(theirs);
	});

	test("stands beside other texts, and leaves them when it goes", async () => {
		await using it = await scene("texts", asking);
		it.put("mail.texts.test", "TXT", '"site-verification=x"');
		const before = it.standing();
		await it.project.up();
		expect(it.valuesAt("mail.texts.test", "TXT")).toHaveLength(2);
		await it.project.destroy();
		expect(it.standing()).toBe(before);
	});
});

describe("a wait that nothing is needed for", () => {
	test("is an error, where the setup asks for nothing, and goes on once it does", async () => {
		const state = { records: false };
		await using it = await scene("nothing", (records) => (state.records ? records : []));
		const { errors } = await it.project.up({ expectFailure: true });
		expect(Object.values(errors).join("\n")).toContain("pulumi refresh");
		expect(it.project.outputs("mail-verification")).toBeUndefined();
		state.records = true;
		await it.project.refresh();
		await it.project.up();
		expect(it.project.outputs("mail-verification")?.verifiedDomain).toBe("mail.nothing.test");
	});

	test("is an error where the purpose matches none", async () => {
		await using it = await scene("none", (records) => records.filter(({ type }) => type === "TXT"), {
			waitForVerification: { purpose: "sending" },
		});
		const { errors } = await it.project.up({ expectFailure: true });
		expect(errors["mail-verification"]).toContain("[nothing-to-wait-for]");
	});
});

test('a wait for "sending" waits for DKIM, whatever its type', async () => {
	await using it = await scene("keys", shapes["DKIM with keys of one's own"] as Asking, {
		waitForVerification: { purpose: "sending", timeout: "3s" },
	});
	const { errors } = await it.project.up({ expectFailure: true });
	expect(errors["mail-verification"]).toContain("TXT s2026._domainkey.mail.keys.test");
	expect(it.project.outputs("mail-verification")?.verifiedDomain).toBeUndefined();
});
