import { gradients } from "./gradient.js";
import { type Graph, nextName } from "./graph.js";
import { add, divide, multiply, scale, shift, sqrt, square, subtract, sum } from "./operations.js";
import type { Feed } from "./session.js";
import type { Tensor } from "./tensor.js";

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled weight decay; applies to parameters of two axes and more. */
  readonly weightDecay: number;
  /** Largest Euclidean norm of all gradients together. */
  readonly clipNorm: number;
}

export const ADAMW: AdamWOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};

/** A trained parameter: its input in the graph, and how its learning rate and decay differ. */
export interface Trainable {
  readonly tensor: Tensor;
  /** Multiplies the learning rate of the step. */
  readonly rate?: number;
  /** Multiplies {@link AdamWOptions.weightDecay}; by default 1 for matrices and 0 for vectors. */
  readonly decay?: number;
}

/** Names under which the step takes and returns the two moments of a parameter. */
export const momentNames = (name: string) => [`${name}.m`, `${name}.v`] as const;

/**
 * Appends one AdamW step (Loshchilov and Hutter 2019, algorithm 2) to the graph of `loss`. Each
 * parameter and its two moments are inputs and, under {@link nextName}, outputs; the graph also gains
 * the inputs of {@link stepFeeds} and the output "gradientNorm" (before clipping).
 */
export function adamW(
  graph: Graph,
  loss: Tensor,
  trainables: readonly Trainable[],
  options: AdamWOptions,
): void {
  const rateNow = graph.input("learningRate", []);
  const correction1 = graph.input("correction1", []);
  const correction2 = graph.input("correction2", []);
  const all = gradients(
    loss,
    trainables.map(({ tensor }) => tensor),
  );
  const norm = sqrt(shift(all.map((g) => sum(square(g))).reduce(add), 1e-20));
  graph.output("gradientNorm", norm);
  // clip = min(1, clipNorm / norm), which is 1 / max(1, norm / clipNorm)
  const clip = divide(
    graph.scalar(1),
    graph.node("Max", [graph.scalar(1), scale(norm, 1 / options.clipNorm)], []),
  );
  // The factors are multiplied as single numbers first: every pass over a parameter costs memory traffic.
  const intoFirst = scale(clip, 1 - options.beta1);
  const intoSecond = scale(square(clip), 1 - options.beta2);
  trainables.forEach(({ tensor, rate = 1, decay }, i) => {
    const gradient = all[i]!;
    const [firstName, secondName] = momentNames(tensor.name);
    const first = add(
      scale(graph.input(firstName, tensor.shape), options.beta1),
      multiply(gradient, intoFirst),
    );
    const second = add(
      scale(graph.input(secondName, tensor.shape), options.beta2),
      multiply(square(gradient), intoSecond),
    );
    const step = multiply(scale(rateNow, rate), correction1);
    const direction = divide(first, shift(multiply(sqrt(second), correction2), options.epsilon));
    const decayed = scale(
      rateNow,
      -rate * options.weightDecay * (decay ?? +(tensor.shape.length > 1)),
    );
    const kept = multiply(tensor, shift(decayed, 1));
    graph.output(nextName(tensor.name), subtract(kept, multiply(direction, step)));
    graph.output(nextName(firstName), first);
    graph.output(nextName(secondName), second);
  });
}

/** What the step of {@link adamW} is fed with beside data, parameters and moments. @param step from 1 */
export function stepFeeds(
  step: number,
  learningRate: number,
  { beta1, beta2 }: AdamWOptions,
): Record<"learningRate" | "correction1" | "correction2", Feed> {
  return {
    learningRate: Float32Array.of(learningRate),
    correction1: Float32Array.of(1 / (1 - beta1 ** step)),
    correction2: Float32Array.of(1 / Math.sqrt(1 - beta2 ** step)),
  };
}

/**
 * Linear warm-up to `peak`, then half a cosine down to `peak · floor` (Loshchilov and Hutter 2017).
 * @param step from 1 to `steps`
 */
export function cosineSchedule(
  step: number,
  {
    peak,
    warmup,
    steps,
    floor = 0,
  }: { peak: number; warmup: number; steps: number; floor?: number },
): number {
  if (step <= warmup) return (peak * step) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
