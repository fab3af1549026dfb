import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	ancestors,
	canonicalName,
	decodeOctal,
	domainProblem,
	encodeOctal,
	isWithin,
	sameName,
} from "../../dns/index.js";
import { anyText } from "./texts.js";

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const topLevel = fc.stringMatching(/^[a-z]{2,8}$/);
const domain = fc
	.tuple(fc.array(label, { minLength: 1, maxLength: 4 }), topLevel)
	.map(([labels, tld]) => [...labels, tld].join("."));

describe("canonicalName", () => {
	it.each([
		["Mail.Example.COM", "mail.example.com"],
		["mail.example.com.", "mail.example.com"],
		["_DMARC.example.com", "_dmarc.example.com"],
		["*.example.com", "*.example.com"],
		["\\052.example.com.", "*.example.com"],
		["bücher.example", "xn--bcher-kva.example"],
		["BÜCHER.example", "xn--bcher-kva.example"],
		["mail。例え。jp", "mail.xn--r8jz45g.jp"],
		["xn--bcher-kva.example", "xn--bcher-kva.example"],
		["123.例え.jp", "123.xn--r8jz45g.jp"],
		["１２３.example", "123.example"],
		[".", ""],
	])("spells %s as %s", (name, canonical) => {
		expect(canonicalName(name)).toBe(canonical);
	});

	it("leaves what has no punycode form for the check to reject", () => {
		expect(canonicalName("bü cher.example")).toBe("bü cher.example");
		expect(domainProblem(canonicalName("bü/cher.example"))).toContain("outside ASCII");
	});

	it("is idempotent on any text", () => {
		fc.assert(
			fc.property(anyText("\\0561.aÄ。*_"), (name) => {
				expect(canonicalName(canonicalName(name))).toBe(canonicalName(name));
			}),
			{ numRuns: 2_000 },
		);
	});

	it("sees through case, trailing dot and escapes", () => {
		fc.assert(
			fc.property(domain, (name) => {
				expect(sameName(`*.${name}`, `\\052.${name.toUpperCase()}.`)).toBe(true);
			}),
		);
	});
});

describe("domainProblem", () => {
	it("accepts every host name of two labels and more", () => {
		fc.assert(
			fc.property(domain, (name) => {
				expect(domainProblem(name)).toBeUndefined();
				expect(domainProblem(name.toUpperCase())).toBeUndefined();
			}),
		);
	});

	it.each([
		["", "is empty"],
		["localhost", "single label"],
		["192.0.2.1", "IP address"],
		["2001:db8::1", "IP address"],
		["[2001:db8::1]", "IP address"],
		["mail.1.2.3", "ends in a number"],
		["mail.0x1f", "ends in a number"],
		["example.com.", "ends in a dot"],
		["a..example.com", "empty label"],
		[".example.com", "empty label"],
		["-a.example.com", "begins or ends with a hyphen"],
		["a-.example.com", "begins or ends with a hyphen"],
		["a_b.example.com", '"_" in its label "a_b"'],
		["a b.example.com", '" " in its label "a b"'],
		["*.example.com", '"*" in its label'],
		["mail.example.com\n", '"\\n" in its label'],
		["bücher.example", "punycode: xn--bcher-kva.example"],
		["https://example.com/", "is a URL"],
		["me@example.com", "part after the @"],
		[`${"a".repeat(64)}.com`, "label of 64 characters"],
		[`${"abcdefg.".repeat(32)}com`, "is 259 characters long"],
	])("refuses %j because it %s", (name, reason) => {
		expect(domainProblem(name)).toContain(reason);
	});

	it("judges any text, and accepts none that DNS could not carry", () => {
		fc.assert(
			fc.property(anyText("a1-.ü_。@/"), (any) => {
				const name = canonicalName(any);
				if (domainProblem(any) === undefined) expect(any).toMatch(/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/);
				if (domainProblem(name) === undefined) expect(name).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
			}),
			{ numRuns: 2_000 },
		);
	});

	it("accepts the longest label, and the longest name that leaves room for those of DKIM", () => {
		const long = `${"a".repeat(63)}.`.repeat(3);
		const longest = `${long}${"b".repeat(17)}`;
		expect(`${"t".repeat(32)}._domainkey.${longest}`).toHaveLength(253);
		expect(domainProblem(longest)).toBeUndefined();
		expect(domainProblem(`${longest}b`)).toContain("is 210 characters long; a mail domain has at most 209");
		expect(domainProblem(`${long}${"b".repeat(61)}`)).toContain("is 253 characters long");
		expect(domainProblem(`${long}${"b".repeat(62)}`)).toContain("254");
	});
});

describe("isWithin and ancestors", () => {
	it("counts whole labels only", () => {
		expect(isWithin("mail.example.com", "example.com")).toBe(true);
		expect(isWithin("Example.com.", "example.com")).toBe(true);
		expect(isWithin("badexample.com", "example.com")).toBe(false);
		expect(isWithin("example.com", "mail.example.com")).toBe(false);
		expect(isWithin("example.com", ".")).toBe(true);
	});

	it("lists the name, then its parents, down to the top-level domain", () => {
		expect(ancestors("_dmarc.Mail.example.com.")).toEqual([
			"_dmarc.mail.example.com",
			"mail.example.com",
			"example.com",
			"com",
		]);
		expect(ancestors(".")).toEqual([]);
	});

	it("puts every name within each of its ancestors", () => {
		fc.assert(
			fc.property(domain, (name) => {
				for (const ancestor of ancestors(name)) expect(isWithin(name, ancestor)).toBe(true);
			}),
		);
	});
});

describe("Route 53 escapes", () => {
	it("spells a wildcard and a space as AWS does", () => {
		expect(encodeOctal("*.example.com")).toBe("\\052.example.com");
		expect(encodeOctal("a b.ü.com")).toBe("a\\040b.\\303\\274.com");
		expect(decodeOctal("\\052.example.com")).toBe("*.example.com");
	});

	it("loses nothing: what AWS lists is spelled the same after a round trip", () => {
		const byte = fc.integer({ min: 0, max: 255 }).map((value) => {
			const character = String.fromCharCode(value).replace(/[A-Z]/, "a");
			return /[a-z0-9_-]/.test(character) ? character : `\\${value.toString(8).padStart(3, "0")}`;
		});
		fc.assert(
			fc.property(fc.array(fc.oneof(byte, fc.constant("."))), (parts) => {
				const listed = parts.join("");
				expect(encodeOctal(decodeOctal(listed))).toBe(listed);
			}),
			{ numRuns: 1_000 },
		);
	});
});
