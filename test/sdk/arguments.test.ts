import { describe, expect, it } from "vitest";
import {
	apiKeyProblem,
	baseUrlProblem,
	ChannelsClient,
	DEFAULT_BASE_URL,
	tenantNameProblem,
	workspaceProblem,
} from "../../sdk/index.js";

describe("baseUrlProblem", () => {
	it.each([
		DEFAULT_BASE_URL,
		"https://channels.example/",
		"https://channels.example:8443/prefix",
		"http://localhost:8080",
		"http://api.localhost",
		"http://127.0.0.1:8080",
		"http://127.1.2.3",
		"http://[::1]:8080",
	])("accepts %s", (url) => {
		expect(baseUrlProblem(url)).toBeUndefined();
	});

	it.each([
		["", "no URL"],
		["api.example", "no URL"],
		["ftp://api.example", "begins with https://"],
		["file:///etc/passwd", "begins with https://"],
		["http://api.example", "unencrypted to api.example"],
		["http://127.0.0.1.example", "unencrypted"],
		["http://localhost.example", "unencrypted"],
		["http://10.0.0.1", "unencrypted"],
		["https://user:pass@api.example", "user name or password"],
		["https://user@api.example", "user name or password"],
		["https://api.example?x=1", "query or fragment"],
		["https://api.example/#", "query or fragment"],
		["https://api.example/?", "query or fragment"],
	])("refuses %j: %s", (url, reason) => {
		expect(baseUrlProblem(url)).toContain(reason);
	});

	it("shows no password", () => {
		expect(baseUrlProblem("https://user:hunter2@api.example")).not.toContain("hunter2");
	});
});

describe("tenantNameProblem", () => {
	it.each(["a", "Acme_Support-1", "x".repeat(64)])("accepts %s", (name) => {
		expect(tenantNameProblem(name)).toBeUndefined();
	});

	it.each([
		["", "is empty"],
		["x".repeat(65), "is 65 characters long"],
		["acme support", 'holds " "'],
		["acme.support", 'holds "."'],
		["grüße", 'holds "ü"'],
		["acme😀", 'holds "😀"'],
		["acme\n", 'holds "\\n"'],
	])("refuses %j because it %s", (name, reason) => {
		expect(tenantNameProblem(name)).toContain(reason);
	});
});

describe("workspaceProblem and apiKeyProblem", () => {
	it("know a UUID", () => {
		expect(workspaceProblem("1B9D6BCD-bbfd-4b2d-9b5d-ab8dfbbd4bed")).toBeUndefined();
		for (const text of [
			"",
			"acme",
			"1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed\n",
			"1b9d6bcdbbfd4b2d9b5dab8dfbbd4bed",
		])
			expect(workspaceProblem(text)).toContain("is no UUID");
	});

	it("know what a key cannot hold, and never show it", () => {
		expect(apiKeyProblem("ck_1/+=~!")).toBeUndefined();
		for (const text of ["se cret", "secret\n", "secré", "\u0000secret"]) {
			expect(apiKeyProblem(text)).toContain("copy it again");
			expect(apiKeyProblem(text)).not.toContain("secr");
		}
		expect(apiKeyProblem("")).toContain("is empty");
	});

	it("stop a client before it is made", () => {
		const right = { apiKey: "k", workspaceId: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed" };
		expect(() => new ChannelsClient({ ...right, apiKey: "" })).toThrow("apiKey is empty");
		expect(() => new ChannelsClient({ ...right, workspaceId: "x" })).toThrow("workspaceId is no UUID");
		expect(() => new ChannelsClient({ ...right, baseUrl: "http://x.example" })).toThrow("baseUrl would send");
	});
});
