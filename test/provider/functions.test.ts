import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import { type Account, getSesSetup } from "../../provider/index.js";

// Another file may have set mocks in this process.
beforeEach(() => pulumi.runtime.resetOptions("project", "stack", 1, "", "", false, ""));

const workspaceId = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
const told = (account: Account) =>
	getSesSetup("9b2f", account).then(
		() => expect.unreachable(),
		(error: unknown) => (error as Error).message.split("\n"),
	);

test("an account of the other API is read without the stack's settings of its own", async () => {
	pulumi.runtime.setAllConfig({
		...{ "channels:apiKey": "ck_test", "channels:baseUrl": "https://api.test" },
		"channels:workspaceId": workspaceId,
	});
	// What is wrong with it is all that is told.
	expect(await told({ api: "embedded", sesRegion: "Dublin" })).toEqual([
		expect.stringMatching(/^channels:sesRegion must be an AWS region .* \[setting-invalid\]$/),
	]);
	expect(await told({ sesRegion: "eu-west-1" })).toEqual([
		expect.stringMatching(/^channels:sesRegion is about the embedded API, and channels:api is remote/),
	]);

	pulumi.runtime.setAllConfig({ "channels:api": "embedded", "channels:sesRegion": "Dublin" });
	expect(await told({ api: "remote", apiKey: "two words", workspaceId })).toEqual([
		expect.stringMatching(/^channels:apiKey has characters that no API key has/),
	]);
});

test("a role of an account does not get the stack's external id", async () => {
	pulumi.runtime.setAllConfig({
		...{ "channels:api": "embedded", "channels:sesRoleArn": "none", "channels:sesExternalId": "a b" },
	});
	expect(await told({})).toHaveLength(2);
	expect(await told({ sesRoleArn: "mine" })).toEqual([
		expect.stringMatching(/^channels:sesRoleArn must be a role such as .*"mine"/),
	]);
});
