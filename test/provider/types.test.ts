import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { type Route53Records, SesSetup, type SesSetupArgs, type Verification } from "../../provider/index.js";

beforeAll(() =>
	pulumi.runtime.setMocks({
		newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
		call: ({ inputs }) => inputs,
	}),
);

const names = { tenantName: "acme", domainIdentity: "mail.acme.test" };

describe("the types of a setup", () => {
	test("have the children that its arguments make, and no others", () => {
		const all = new SesSetup("all", { ...names, route53: true, waitForVerification: true });
		expectTypeOf(all.verifiedDomain).toEqualTypeOf<pulumi.Output<string>>();
		expectTypeOf(all.verification).toEqualTypeOf<Verification>();
		expectTypeOf(all.records).toEqualTypeOf<Route53Records>();
		expect(all.verification.verifiedDomain).toBe(all.verifiedDomain);

		const detailed = new SesSetup("detailed", {
			...names,
			route53: { ttl: 60, records: ["dkim"] },
			waitForVerification: { timeout: "1h", purpose: ["sending", "receiving"] },
		});
		expectTypeOf(detailed.verifiedDomain).toEqualTypeOf<pulumi.Output<string>>();
		expectTypeOf(detailed.records).toEqualTypeOf<Route53Records>();

		for (const none of [
			new SesSetup("plain", names),
			new SesSetup("off", { ...names, route53: false, waitForVerification: false }),
		]) {
			expectTypeOf(none.verifiedDomain).toEqualTypeOf<undefined>();
			expectTypeOf(none.verification).toEqualTypeOf<undefined>();
			expectTypeOf(none.records).toEqualTypeOf<undefined>();
			expect([none.verifiedDomain, none.verification, none.records]).toEqual([
				undefined,
				undefined,
				undefined,
			]);
		}
	});

	test("leave open what is known only when the program runs", () => {
		const maybe = new SesSetup("maybe", { ...names, waitForVerification: names.tenantName.length > 2 });
		expectTypeOf(maybe.verifiedDomain).toEqualTypeOf<pulumi.Output<string> | undefined>();
		const args: SesSetupArgs = { ...names, route53: true };
		const given = new SesSetup("given", args);
		expectTypeOf(given.records).toEqualTypeOf<Route53Records | undefined>();
		const setups: SesSetup[] = [maybe, given, new SesSetup("sure", { ...names, waitForVerification: true })];
		expect(setups.map(({ verification }) => verification !== undefined)).toEqual([true, false, true]);
	});

	test("serve as inputs without a further word, and refuse what is no argument", () => {
		const mail = new SesSetup("mail", { ...names, waitForVerification: true });
		const input: pulumi.Input<string> = mail.verifiedDomain;
		expect(input).toBeDefined();
		const wrong = () => [
			// @ts-expect-error a misspelt argument
			new SesSetup("a", { ...names, adoptExistng: true }),
			// @ts-expect-error a misspelt field
			new SesSetup("b", { ...names, route53: { tll: 60 } }),
			// @ts-expect-error a field's wrong value
			new SesSetup("c", { ...names, waitForVerification: { purpose: "fun" } }),
			// @ts-expect-error a missing argument
			new SesSetup("d", { tenantName: "acme" }),
			// @ts-expect-error a switch is no output
			new SesSetup("e", { ...names, route53: pulumi.output(true) }),
		];
		expect(wrong).toBeTypeOf("function");
	});
});
