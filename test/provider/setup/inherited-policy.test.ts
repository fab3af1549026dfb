import { describe, expect, it } from "vitest";
import type { Lookups } from "../../../dns/index.js";
import { displacesInherited, policyChange } from "../../../provider/core/setup/inherited-policy.js";
import type { DnsRecord } from "../../../provider/shapes.js";

/** What stands at these names; `failed` where nobody answers. */
type Texts = Record<string, string[] | "failed">;

const worldOf = (texts: Texts, asked: string[] = []) => ({
	lookups: {
		query: async (name: string) => {
			asked.push(name);
			const values = texts[name.replace(/^_dmarc\./, "")];
			if (values === "failed") return { kind: "failed", reason: "timeout" };
			return values ? { kind: "found", values } : { kind: "none", reason: "NXDOMAIN" };
		},
	} as unknown as Lookups,
	stop: new AbortController().signal,
});

const none = "v=DMARC1; p=none";
const quarantine = "v=DMARC1; p=quarantine";
const reject = "v=DMARC1; p=reject";

const at = (domain: string, record: string): DnsRecord[] => [
	{ address: `_dmarc.${domain}`, type: "TXT", record },
];

/** What is said before a record is published, and before it goes. */
const publishing = (texts: Texts, ours = none, domain = "mail.eu.acme.com") =>
	policyChange(worldOf(texts), [], at(domain, ours));
const withdrawing = (texts: Texts, ours = none, domain = "mail.eu.acme.com") =>
	policyChange(worldOf(texts), at(domain, ours), []);

describe("a DMARC policy of the organisational domain", () => {
	it.each([
		[reject, none],
		[quarantine, none],
		[reject, quarantine],
		["v=DMARC1; p=none; sp=reject", none],
		["v=DMARC1;P=Reject", none],
		[reject, "v=DMARC1; p=strict"],
	])("of %s is weakened by %s", async (theirs, ours) => {
		const text = await publishing({ "acme.com": [theirs] }, ours);
		expect(text).toContain(`Today the DMARC policy of acme.com holds for mail.eu.acme.com: "${theirs}"`);
		expect(text).toContain('weaker. To keep it, leave "dmarc" out of route53.records.');
	});

	it.each([
		[none, none],
		[reject, reject],
		["v=DMARC1; p=reject; sp=none", none],
		["v=DMARC10; p=reject", none],
		// One that is not valid asks for nothing.
		["v=DMARC1; p=reject; sp=strict", none],
		["v=DMARC1; sp=reject", none],
		// The domain exists once the setup's records stand there.
		["v=DMARC1; p=none; np=reject", none],
	])("of %s is not weakened by %s", async (theirs, ours) => {
		expect(await publishing({ "acme.com": [theirs] }, ours)).toBeUndefined();
	});

	it.each([
		["a name between", { "acme.com": [reject], "eu.acme.com": [none] }, reject],
		["a name between, which is stricter", { "acme.com": [quarantine], "eu.acme.com": [reject] }, quarantine],
	])("is the one that holds, and not that of %s", async (_, texts, theirs) => {
		const text = await publishing(texts);
		expect(text).toContain(`policy of acme.com holds for mail.eu.acme.com: "${theirs}"`);
	});

	it("does not count where there are two, and nothing is said where nobody answers for it", async () => {
		expect(await publishing({ "acme.com": [reject, none] })).toBeUndefined();
		expect(await publishing({ "acme.com": "failed", "eu.acme.com": [reject] })).toBeUndefined();
		expect(await publishing({ "acme.com": "failed" }, reject)).toBeUndefined();
		expect(await withdrawing({ "acme.com": "failed" }, reject)).toBeUndefined();
	});

	it("is known where nobody answers for other names", async () => {
		const texts: Texts = { com: "failed", "eu.acme.com": "failed", "acme.com": [reject] };
		expect(await publishing(texts)).toContain("policy of acme.com holds for mail.eu.acme.com:");
	});

	it("is the one before anything is registered, too", async () => {
		const foreseen = (texts: Texts) => displacesInherited(worldOf(texts), "mail.eu.acme.com");
		expect(await foreseen({ "acme.com": [reject], "eu.acme.com": [none] })).toMatch(
			/policy of acme\.com holds for mail\.eu\.acme\.com: .*whether it is weaker is known once the setup exists/,
		);
		expect(await foreseen({ "acme.com": [none], "eu.acme.com": [reject] })).toBeUndefined();
		expect(await foreseen({ "acme.com": "failed" })).toBeUndefined();
	});
});

describe("the organisational domain", () => {
	it.each([
		["of a suffix of two labels", "mail.acme.co.uk", "acme.co.uk"],
		["of a suffix in other letters", "mail.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"],
		["of a top-level domain that nobody knows", "mail.eu.acme.test", "acme.test"],
		["below a hosting provider's own suffix", "mail.acme.github.io", "acme.github.io"],
	])("%s is the one below it", async (_, domain, organisational) => {
		expect(await publishing({ [organisational]: [reject] }, none, domain)).toContain(
			`Today the DMARC policy of ${organisational} holds for ${domain}: "${reject}"`,
		);
	});

	it("inherits nothing, though the domains above it are asked", async () => {
		const asked: string[] = [];
		expect(await policyChange(worldOf({}, asked), [], at("acme.co.uk", none))).toBeUndefined();
		expect(asked).toEqual(["_dmarc.co.uk", "_dmarc.uk"]);
	});
});

describe("receivers of RFC 7489 and of RFC 9989", () => {
	const weakened = async (texts: Texts, domain?: string) => {
		const [, source, rfc] =
			/policy of (\S+) holds for \S+ at receivers that follow (RFC \d+):/.exec(
				(await publishing(texts, none, domain)) ?? "",
			) ?? [];
		return source && `${source} by ${rfc}`;
	};

	it.each([
		["no policy but that of a name between", { "eu.acme.com": [reject] }, "eu.acme.com by RFC 9989"],
		[
			"a name between that says it is the organisational domain",
			{ "acme.com": [reject], "eu.acme.com": ["v=DMARC1; p=none; psd=n"] },
			"acme.com by RFC 7489",
		],
		[
			"a name between that says so and is stricter",
			{ "acme.com": [none], "eu.acme.com": ["v=DMARC1; p=reject; psd=n"] },
			"eu.acme.com by RFC 9989",
		],
		["a suffix with a policy of its own", { "acme.com": [reject], com: [none] }, "acme.com by RFC 7489"],
	])("each take their own where they differ, as at %s", async (_, texts: Texts, said) => {
		expect(await weakened(texts)).toBe(said);
	});

	it("agree on the organisational domain's policy below a suffix that says it is one", async () => {
		const text = await publishing({ com: ["v=DMARC1; p=none; psd=y"], "acme.com": [reject] });
		expect(text).toContain("policy of acme.com holds for mail.eu.acme.com:");
	});

	it("take that of a suffix that says it is one, by RFC 9989, where the organisational domain has none", async () => {
		const suffix = { bank: ["v=DMARC1; p=reject; psd=y"] };
		expect(await weakened(suffix, "giant.bank")).toBe("bank by RFC 9989");
		expect(await weakened(suffix, "mail.giant.bank")).toBe("bank by RFC 9989");
		// What stands below the organisational domain holds for itself alone then.
		expect(await weakened({ ...suffix, "eu.giant.bank": [reject] }, "mail.eu.giant.bank")).toBe(
			"bank by RFC 9989",
		);
	});

	it("are asked for no more than seven names above", async () => {
		const asked: string[] = [];
		await policyChange(worldOf({}, asked), [], at("a.b.c.d.e.f.g.h.acme.com", none));
		expect(asked).toEqual(
			[
				"d.e.f.g.h.acme.com",
				"e.f.g.h.acme.com",
				"f.g.h.acme.com",
				"g.h.acme.com",
				"h.acme.com",
				"acme.com",
				"com",
			].map((name) => `_dmarc.${name}`),
		);
	});
});

describe("a record that is stricter than what holds today", () => {
	it("is pointed out, with what receivers do then", async () => {
		const text = await publishing({ "acme.com": [none] }, reject);
		expect(text).toContain(
			`policy of acme.com holds for mail.eu.acme.com: "${none}", which means none there.`,
		);
		expect(text).toContain("stricter: receivers are then to reject mail from mail.eu.acme.com that passes");
		expect(text).toContain('or leave "dmarc" out of route53.records');
	});

	it("is so where nothing holds, and then a registered domain's is that of all below it", async () => {
		expect(await publishing({}, quarantine)).toContain(
			"Today no DMARC policy holds for mail.eu.acme.com. The record to be published",
		);
		const below = "or from a domain below it without a policy of its own";
		expect(await publishing({}, reject, "acme.com")).toContain(below);
		expect(await publishing({}, reject)).not.toContain(below);
		expect(await publishing({}, "v=DMARC1; p=reject; sp=none", "acme.com")).not.toContain(below);
	});
});

describe("a record that is not published here any more", () => {
	it.each([
		[
			"stricter",
			{ "acme.com": [reject] },
			none,
			`acme.com holds for mail.eu.acme.com: "${reject}", which means reject`,
		],
		[
			"weaker",
			{ "acme.com": [none] },
			reject,
			`acme.com holds for mail.eu.acme.com: "${none}", which means none`,
		],
		["weaker", {}, quarantine, "no DMARC policy holds for mail.eu.acme.com."],
	])("leaves the domain to what is %s", async (how, texts: Texts, ours, said) => {
		const text = await withdrawing(texts, ours);
		expect(text).toContain(
			`The record at _dmarc.mail.eu.acme.com, "${ours}", is not published here any more.`,
		);
		expect(text).toContain(said);
		expect(text).toContain(`That is ${how}.`);
	});

	it("is no matter where the same holds afterwards, or it is published as before", async () => {
		expect(await withdrawing({ "acme.com": [reject] }, reject)).toBeUndefined();
		expect(await withdrawing({}, none)).toBeUndefined();
		const asked: string[] = [];
		const ours = at("mail.acme.com", none);
		expect(await policyChange(worldOf({ "acme.com": [reject] }, asked), ours, ours)).toBeUndefined();
		expect(asked).toEqual([]);
	});
});
