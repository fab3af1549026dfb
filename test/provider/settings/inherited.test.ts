import { expect, test } from "vitest";
import { holdsFor } from "../../../provider/core/settings/inherited.js";

const stack = [
	...["channels:api", "channels:apiKey", "channels:workspaceId", "channels:baseUrl", "channels:dnsServers"],
	...["channels:sesRegion", "channels:sesProfile", "channels:sesRoleArn", "channels:sesExternalId"],
	"aws:region",
];
const left = (own: object, kind?: "remote" | "embedded") =>
	stack.filter((key) => !holdsFor({ ...own }, kind, key)).map((key) => key.replace("channels:", ""));

test("of a stack holds for an account what is of its API, and not another role's external id", () => {
	expect(left({})).toEqual([]);
	expect(left({ apiKey: "ck" })).toEqual([]);
	expect(left({ sesProfile: undefined })).toEqual([]);
	expect(left({}, "embedded")).toEqual(["apiKey", "baseUrl"]);
	expect(left({}, "remote")).toEqual(["sesRegion", "sesProfile", "sesRoleArn", "sesExternalId"]);
	expect(left({ sesProfile: "mail" })).toEqual(["sesProfile", "sesRoleArn", "sesExternalId"]);
});
