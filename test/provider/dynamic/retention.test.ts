import { expect, test } from "vitest";
import { setup } from "../../../provider/dynamic/index.js";

test("a check hands on for one run that the state has a setup as retained, where the program no longer says so", () => {
	const names = { tenantName: "acme", domainIdentity: "mail.acme.com" };
	const retainedOf = (olds: unknown, news: unknown) =>
		setup.check({ ...names, __retained: olds }, { ...names, ...(news !== undefined && { __retained: news }) })
			.inputs.__retained;
	expect(retainedOf(true, true)).toBe(true);
	expect(retainedOf(true, undefined)).toBe(false);
	expect(retainedOf(false, undefined)).toBe(undefined);
	expect(retainedOf(undefined, undefined)).toBe(undefined);
});
