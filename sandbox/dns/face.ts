import { randomUUID } from "node:crypto";
import {
	type Answer,
	AUTHORITATIVE_ANSWER,
	type DecodedPacket,
	decode,
	encode,
	type Question,
	RECURSION_AVAILABLE,
	RECURSION_DESIRED,
	TRUNCATED_RESPONSE,
} from "dns-packet";
import { type FaultEffect, type FaultMoment, momentOf } from "../faults.js";
import type { Core } from "../http.js";
import type { Response, ResponseCode } from "./authority.js";
import { type QuestionName, questionName } from "./question-name.js";

/** Response codes by their mnemonics (RFC 1035, 4.1.1). */
const rcodes: Readonly<Record<ResponseCode, number>> = {
	NOERROR: 0,
	FORMERR: 1,
	SERVFAIL: 2,
	NXDOMAIN: 3,
	NOTIMP: 4,
	REFUSED: 5,
};

export type Transport = "udp" | "tcp";

/** One way to ask the sandbox's DNS. */
export interface Face {
	/** `authoritative`, `resolver`, or the name a further server was given; in the log's and the faults' input. */
	readonly name: string;
	readonly recursive: boolean;
	resolve(name: string, type: string): Response;
}

/** What the request log and fault rules see of a query. */
export interface QueryInput {
	readonly name: string;
	readonly type: string;
	readonly face: string;
	readonly transport: Transport | "in-process";
}

/**
 * Answers one question with the faults in force, and logs it.
 * @returns undefined where a fault leaves the query unanswered
 */
export async function query(
	face: Face,
	core: Core,
	question: { name: string; type: string },
	transport: QueryInput["transport"],
): Promise<Response | undefined> {
	const input: QueryInput = { name: question.name, type: question.type, face: face.name, transport };
	const call = { service: "dns", operation: question.type, input };
	const end = core.log.begin({ ...call, at: core.clock.now(), requestId: randomUUID() });
	const effects = core.faults.hit(call);
	let response = await withFaults("before", effects, core);
	if (response === undefined) {
		const resolved = face.resolve(question.name, question.type);
		response = (await withFaults("after", effects, core, resolved)) ?? resolved;
	}
	const answered = response === "dropped" ? undefined : response;
	end({
		endedAt: core.clock.now(),
		status: answered && rcodes[answered.rcode],
		...(answered && answered.rcode !== "NOERROR" ? { error: answered.rcode } : {}),
	});
	return answered;
}

async function withFaults(
	moment: FaultMoment,
	effects: readonly FaultEffect[],
	core: Core,
	resolved?: Response,
): Promise<Response | "dropped" | undefined> {
	for (const effect of effects.filter((each) => momentOf(each) === moment)) {
		if (effect.kind === "delay") await core.clock.sleep(effect.ms);
		else if (effect.kind === "hold") await effect.until;
		else if (effect.kind === "drop") return "dropped";
		else if (effect.kind === "cut") return resolved && { ...resolved, cut: true };
		else return failure(effect.kind === "error" ? effect.code : "SERVFAIL");
	}
	return undefined;
}

/** An empty answer with this response code; SERVFAIL for what is none. */
function failure(code: string): Response {
	const rcode = code in rcodes ? (code as ResponseCode) : "SERVFAIL";
	return { rcode, authoritative: false, answers: [], authorities: [] };
}

/** Answers a packet; undefined where there is to be no answer. */
export async function answerPacket(
	face: Face,
	core: Core,
	packet: Buffer,
	transport: Transport,
): Promise<Buffer | undefined> {
	let request: DecodedPacket;
	let asked: QuestionName;
	try {
		request = decode(packet);
		asked = questionName(packet);
	} catch {
		// Too short for an id, there is nobody to tell.
		if (packet.length < 2) return undefined;
		return encode({ type: "response", id: packet.readUInt16BE(0), flags: rcodes.FORMERR });
	}
	if (request.type === "response") return undefined;
	const [question, ...others] = request.questions ?? [];
	if (opcodeOf(packet) !== 0 || !question || others.length > 0) {
		return toPacket(face, request, failure(question ? "NOTIMP" : "FORMERR"), transport);
	}
	const { name, standIn, restore } = asked;
	const answer = (response: Response) => {
		const answers = response.answers.map((each) => (each.name === name ? { ...each, name: standIn } : each));
		const questions = [{ ...question, name: standIn }];
		return restore(toPacket(face, { ...request, questions }, { ...response, answers }, transport));
	};
	if (["AXFR", "IXFR", "ANY"].includes(question.type) || question.class !== "IN") {
		return answer(failure("NOTIMP"));
	}
	const response = await query(face, core, { name, type: question.type }, transport);
	return response && answer(response);
}

/** 0 is a query; the types of the packet library leave it out. */
function opcodeOf(packet: Buffer): number {
	return packet.length < 3 ? 0 : (packet.readUInt8(2) >> 3) & 0xf;
}

/** Without EDNS an answer over UDP has at most 512 octets (RFC 1035, 4.2.1). */
const plainUdpSize = 512;
/** The most that is sent over UDP whatever the client would take (DNS flag day 2020). */
const largestUdpSize = 1232;

function toPacket(face: Face, request: DecodedPacket, response: Response, transport: Transport): Buffer {
	const opt = request.additionals?.find((each) => each.type === "OPT");
	const flags =
		rcodes[response.rcode] |
		(response.authoritative ? AUTHORITATIVE_ANSWER : 0) |
		(request.flag_rd ? RECURSION_DESIRED : 0) |
		(face.recursive ? RECURSION_AVAILABLE : 0);
	const parts = {
		type: "response" as const,
		id: request.id ?? 0,
		questions: (request.questions ?? []) as Question[],
		additionals: opt ? [echoedOpt] : [],
	};
	const whole = encode({
		...parts,
		flags,
		answers: [...response.answers],
		authorities: [...response.authorities],
	});
	const offered = opt?.type === "OPT" ? opt.udpPayloadSize : plainUdpSize;
	const limit = Math.min(Math.max(offered, plainUdpSize), largestUdpSize);
	if (response.cut) return whole.subarray(0, whole.length / 2);
	return transport === "udp" && whole.length > limit
		? encode({ ...parts, flags: flags | TRUNCATED_RESPONSE })
		: whole;
}

const echoedOpt: Answer = {
	type: "OPT",
	name: ".",
	udpPayloadSize: largestUdpSize,
	extendedRcode: 0,
	ednsVersion: 0,
	flags: 0,
	flag_do: false,
	options: [],
};
