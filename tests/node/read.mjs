// Reads streams with the providers' own clients and prints what it got of each.
//
// Standard input is a JSON array of {client, origin}; standard output is one of
// {text, tools, stop, usage, events, error} in the same order.

import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const QUESTION = "How does streaming work?";
const messages = [{ role: "user", content: QUESTION }];
const options = { apiKey: "made-up", maxRetries: 0, timeout: 20000 };

const openai = (origin) => new OpenAI({ ...options, baseURL: `${origin}/v1` });

const CLIENTS = {
  anthropic: {
    ask: (origin) =>
      new Anthropic({ ...options, baseURL: origin }).messages.create({
        model: "claude", max_tokens: 9, stream: true, messages,
      }),
    hear(event, heard) {
      heard.text += event.delta?.text ?? "";
      heard.tools += (event.content_block?.name ?? "") + (event.delta?.partial_json ?? "");
      heard.stop.push(event.delta?.stop_reason);
      heard.usage.push(event.usage);
    },
  },
  chat: {
    ask: (origin) =>
      openai(origin).chat.completions.create({ model: "gpt", stream: true, messages }),
    hear(chunk, heard) {
      for (const choice of chunk.choices ?? []) {
        heard.text += choice.delta?.content ?? "";
        for (const call of choice.delta?.tool_calls ?? [])
          heard.tools += (call.function?.name ?? "") + (call.function?.arguments ?? "");
        heard.stop.push(choice.finish_reason);
      }
      heard.usage.push(chunk.usage);
    },
  },
  responses: {
    ask: (origin) => openai(origin).responses.create({ model: "gpt", stream: true, input: QUESTION }),
    hear(event, heard) {
      if (typeof event.delta === "string") {
        if (event.type.includes("arguments")) heard.tools += event.delta;
        else heard.text += event.delta;
      }
      if (event.type === "response.output_item.added") heard.tools += event.item?.name ?? "";
      heard.stop.push(event.response?.status);
      heard.usage.push(event.response?.usage);
    },
  },
};

async function read({ client, origin }) {
  const { ask, hear } = CLIENTS[client];
  const heard = { text: "", tools: "", stop: [], usage: [], events: [], error: null };
  try {
    for await (const event of await ask(origin)) {
      heard.events.push(JSON.stringify(event));
      hear(event, heard);
    }
  } catch (error) {
    heard.error = `${error?.constructor?.name}: ${error?.message}`;
  }
  heard.stop = heard.stop.filter(Boolean);
  heard.usage = heard.usage.filter(Boolean);
  return heard;
}

let input = "";
for await (const part of process.stdin) input += part;
const heard = [];
for (const asked of JSON.parse(input)) heard.push(await read(asked));
process.stdout.write(JSON.stringify(heard));
