import { describe, expect, it } from "vitest";
import { unknownValue } from "../../../provider/arguments/unknown.js";
import { IncompleteError } from "../../../provider/core/errors.js";
import type { Difference, Handler } from "../../../provider/core/handler.js";
import type { SetupInputs, SetupOutputs } from "../../../provider/core/inputs.js";
import { claiming } from "../../../provider/core/run/claiming.js";
import { Claims } from "../../../provider/core/run/claims.js";
import type { DiffWorld, World } from "../../../provider/core/world.js";

const setup = (tenantName: string, domainIdentity: string) =>
	({ tenantName, domainIdentity }) as SetupOutputs;
const mail = setup("acme", "mail.acme.com");
const records = { setupId: "id-1", zoneId: "Z1" };
/** Who has the MX of the setup in the zone, if another resource does. */
const holder = (claims: Claims) => {
	const mx = { name: "mail.acme.com", type: "MX", kind: "mx" } as const;
	return claims.inZone(records).find((claim) => claim.holds(mx, "10 inbound-smtp.us-east-1.amazonaws.com"))
		?.urn;
};

/** A handler that does as it is told, and what a run makes of it. */
function stage(script: { difference?: Difference; create?: () => Promise<{ id: string }> } = {}) {
	const claims = new Claims();
	const handler = claiming({
		kind: "SesSetup",
		diff: () => script.difference ?? [],
		create: async () => ({ outputs: mail, ...(await (script.create ?? (async () => ({ id: "id-1" })))()) }),
		update: async () => mail,
		read: async () => mail,
		delete: async () => {},
	} as Handler<SetupInputs, SetupOutputs>);
	const at = (urn: string) => ({ claims, urn }) as World & DiffWorld;
	const refresh = (urn: string) => handler.diff(at(urn), "id-1", mail, mail);
	return {
		claims,
		/** Compares what no program declares. */
		refresh,
		compare(urn: string) {
			claims.declare(urn, { kind: "SesSetup", inputs: mail });
			return refresh(urn);
		},
		create(urn: string) {
			claims.declare(urn, { kind: "SesSetup", inputs: mail });
			return handler.create(at(urn), mail);
		},
	};
}

describe("what another resource of the run has", () => {
	it("is known of what stays, and of what is made, whether or not that succeeds", async () => {
		const stays = stage();
		await stays.compare("::copy");
		expect(stays.claims.successorOf("id-1", mail)).toBe("::copy");
		expect(stays.claims.keepsSetup("id-1")).toBe(true);

		const made = stage();
		await made.create("::email");
		expect(made.claims.successorOf("id-1", mail)).toBe("::email");
		expect(made.claims.keepsSetup("id-1")).toBe(true);

		const failing = stage({ create: () => Promise.reject(new Error("no")) });
		await failing.create("::email").catch(() => {});
		expect(failing.claims.successorOf("id-1", mail)).toBe("::email");
		expect(failing.claims.keepsSetup("id-1")).toBe(false);

		const unready = stage({
			create: () => Promise.reject(new IncompleteError("records-not-served", "id-1", mail, ["not yet"])),
		});
		await unready.create("::email").catch(() => {});
		expect(unready.claims.keepsSetup("id-1")).toBe(true);
	});

	it("is none of what is replaced, or of other names", async () => {
		const { claims, compare } = stage();
		await compare("::mail");
		expect(claims.successorOf("id-1", setup("acme", "other.acme.com"))).toBeUndefined();
		expect(claims.successorOf("id-1", setup("acme", "MAIL.acme.com."))).toBe("::mail");

		const replaced = stage({ difference: [{ property: "tenantName", replaces: true, reason: "another" }] });
		await replaced.compare("::copy");
		expect(replaced.claims.successorOf("id-1", mail)).toBeUndefined();
		expect(replaced.claims.keepsSetup("id-1")).toBe(false);
		expect(replaced.claims.isReplaced("id-1")).toBe(true);
	});

	it("is nothing where nothing is declared, as in a destroy, after a refresh or not", async () => {
		const { claims, refresh } = stage();
		await refresh("::copy");
		expect(claims.successorOf("id-1", mail)).toBeUndefined();
		expect(claims.keepsSetup("id-1")).toBe(false);
	});

	it("is, of records, also what a setup that stays is about to declare", () => {
		const claims = new Claims();
		claims.declare("::twin", { kind: "SesSetup", inputs: mail });
		const declare = (inputs: object, id = "id-1") => claims.keep("::twin", { kind: "SesSetup", inputs, id });
		declare({ ...mail, route53: {} });
		expect(holder(claims)).toBe("::twin");
		declare({ ...mail, route53: { zoneId: "Z2" } });
		expect(holder(claims)).toBeUndefined();
		declare({ ...mail, route53: {} }, "id-2");
		expect(holder(claims)).toBeUndefined();
		declare(mail);
		expect(holder(claims)).toBeUndefined();

		declare({ ...mail, route53: {} });
		claims.declare("::twin-records", { kind: "Route53Records", inputs: {} });
		const elsewhere = { setupId: "id-1", dnsRecords: [], zone: { id: "Z2" } };
		claims.keep("::twin-records", { kind: "Route53Records", inputs: elsewhere });
		expect(holder(claims)).toBeUndefined();
	});

	it("is, of records, those of the same setup in the same zone", () => {
		const claims = new Claims();
		claims.declare("::email-records", { kind: "Route53Records", inputs: {} });
		const declare = (inputs: object) => claims.keep("::email-records", { kind: "Route53Records", inputs });
		declare({ setupId: "id-1", dnsRecords: [], zone: { id: "Z1" } });
		expect(holder(claims)).toBe("::email-records");
		declare({ setupId: "id-1", dnsRecords: [] });
		expect(holder(claims)).toBe("::email-records");
		for (const other of [
			{ setupId: "id-1", dnsRecords: [], zoneId: "Z2" },
			{ setupId: "id-2", dnsRecords: [], zoneId: "Z1" },
		]) {
			declare(other);
			expect(holder(claims)).toBeUndefined();
		}
	});
});

describe("a program that could never be had", () => {
	const declared = (inputs: object) => ({ kind: "SesSetup", inputs }) as const;

	it("gives one tenant two domains, or one domain two tenants, and is told where the second stands", () => {
		const claims = new Claims();
		expect(claims.declare("::mail", declared(mail))).toEqual([]);
		expect(claims.declare("::news", declared(setup("acme", "news.acme.com")))).toEqual([
			{
				property: "tenantName",
				reason: expect.stringMatching(
					/^"acme" is declared by mail .* mail\.acme\.com: a tenant has one domain/,
				),
			},
		]);
		expect(claims.declare("::twin", declared(setup("other", "Mail.Acme.com.")))).toEqual([
			{
				property: "domainIdentity",
				reason: expect.stringMatching(/is declared by mail .* the tenant acme: a domain has one tenant/),
			},
		]);
	});

	it("is none with two resources of one setup, with the same resource again, or with what is not known yet", () => {
		const claims = new Claims();
		for (const [urn, inputs] of [
			["::mail", mail],
			["::twin", setup("acme", "MAIL.acme.com")],
			["::other", setup("other", "other.acme.com")],
			["::other", setup("other", "another.acme.com")],
			["::unknown", setup("acme", unknownValue)],
			["::late", setup("late", "late.acme.com")],
		] as const)
			expect(claims.declare(urn, declared(inputs))).toEqual([]);
	});
});
