/** What a call takes and returns, by its route in the OpenAPI document. */

import type { paths } from "../openapi.js";
import type { Items } from "./call.js";

type Operations = {
  [P in keyof paths & string]: {
    [M in keyof paths[P] & string as `${Uppercase<M>} ${P extends `/api${infer Rest}` ? Rest : P}`]: paths[P][M];
  };
}[keyof paths & string];

type Flat<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void ? All : never;
type All = Flat<Operations>;

export type Route = keyof All & string;

/** The names in a path become arguments, in their order: ids are numbers, but for that of an upload. */
type Named<Name extends string> = Name extends "upload_id" ? string : Name extends `${string}_id` ? number : string;
export type PathArguments<R extends string> = R extends `${string}{${infer Name}}${infer Rest}`
  ? [Named<Name>, ...PathArguments<Rest>]
  : [];

export type Body<R extends Route> = All[R] extends { requestBody: { content: infer C } }
  ? C[keyof C]
  : All[R] extends { requestBody?: { content: infer C } }
    ? C[keyof C] | undefined
    : undefined;
export type Query<R extends Route> = All[R] extends { parameters: { query?: infer Q } } ? Q : {};
type Json<T> = T extends { content: { "application/json": infer A } } ? A : null;
type Responses<R extends Route> = All[R] extends { responses: infer S } ? S[keyof S] : never;
export type Answer<R extends Route> = Json<Responses<R>>;
export type Item<R extends Route> = Answer<R> extends (infer I)[] ? I : never;

/** `key` is sent as Idempotency-Key. */
export type CallOptions = { signal?: AbortSignal; key?: string; headers?: Record<string, string> };

export type Read<R extends Route> = (...given: [...PathArguments<R>, query?: Query<R>, options?: CallOptions]) => Promise<Answer<R>>;
export type List<R extends Route> = (...given: [...PathArguments<R>, query?: Query<R>, options?: CallOptions]) => Items<Item<R>>;
export type Write<R extends Route> = (...given: [...PathArguments<R>, body: Body<R>, options?: CallOptions]) => Promise<Answer<R>>;
export type Act<R extends Route> = (...given: [...PathArguments<R>, options?: CallOptions]) => Promise<Answer<R>>;
export type Bytes<R extends Route> = (...given: [...PathArguments<R>, query?: Query<R>, options?: CallOptions]) => Promise<Blob>;

export type Call<R extends Route, M> = ((request: import("./call.js").Request) => M) & { route: R };
export type Group<G> = { [K in keyof G]: G[K] extends (request: any) => infer M ? M : never };
export type RoutesOf<G> = { [K in keyof G]: G[K] extends { route: infer R } ? R : RoutesOf<G[K]> }[keyof G];
