/** The quick start, on the real CLI, with an AWS that is not ours: ministack's SES and Route 53. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Listener } from "../../sandbox/http.js";
import { playQuickStart, quickStart } from "../support/examples.js";
import { createProject } from "../support/project.js";
import { startTestService, type TestService } from "../support/service.js";
import { type MinistackUpstream, startMinistackUpstream } from "./ministack.js";
import { serveRoute53 } from "./served-route53.js";
import { Zone } from "./zone.js";

let aws: MinistackUpstream;
let route53: Listener;
let service: TestService;
beforeAll(async () => {
	aws = await startMinistackUpstream();
	route53 = await serveRoute53(aws.url, aws.sandbox);
	service = await startTestService({ sandbox: aws });
});
afterAll(async () => {
	await service?.stop();
	await route53?.close();
	await aws?.close();
});

it("verifies a domain, then has nothing to do, and leaves the zone as it was", async () => {
	const zone = await Zone.create("quickstart.test", route53.url);
	const before = await zone.text();
	const options = await quickStart();
	await using project = await createProject({
		...options,
		config: {
			...options.config,
			"channels:workspaceId": service.workspaceId,
			"channels:baseUrl": service.url,
		},
		secretConfig: { "channels:apiKey": service.apiKey },
		env: { ...aws.sandbox.env(), AWS_ENDPOINT_URL_ROUTE_53: route53.url },
	});
	await playQuickStart(project);
	expect(await zone.text()).toEqual(before);
	expect([await aws.hands.tenants(), await aws.hands.identities()]).toEqual([[], []]);
});
