import { add } from "./operations.js";
import { show, type Tensor } from "./tensor.js";

/**
 * Reverse-mode differentiation: appends to the graph of `loss` the nodes that compute the gradient
 * of this one number with respect to each tensor of `parameters`, in their order and shapes.
 * First order only: backward passes contain nodes that are not on the tape.
 * @throws Error if the loss is not one number, or a parameter has no influence on it.
 */
export function gradients(loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  if (loss.shape.length > 0)
    throw new Error(`gradients: the loss has shape ${show(loss.shape)}, not []`);
  const { graph } = loss;
  const tape = graph.tape.slice(); // backward passes record operations too
  const needed = new Set(parameters);
  for (const { inputs, output } of tape)
    if (inputs.some((input) => needed.has(input))) needed.add(output);

  const gradientOf = new Map<Tensor, Tensor>([[loss, graph.scalar(1)]]);
  for (const { inputs, output, backward } of tape.reverse()) {
    const gradient = gradientOf.get(output);
    if (!gradient || !needed.has(output)) continue;
    backward(gradient).forEach((contribution, i) => {
      const input = inputs[i]!;
      if (!contribution || !needed.has(input)) return;
      const sum = gradientOf.get(input);
      gradientOf.set(input, sum ? add(sum, contribution) : contribution);
    });
  }
  return parameters.map((parameter) => {
    const gradient = gradientOf.get(parameter);
    if (!gradient) throw new Error(`gradients: the loss does not depend on "${parameter.name}"`);
    return gradient;
  });
}
