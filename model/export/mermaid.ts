import type { AnyStateMachine, AnyStateNode } from 'xstate';

/**
 * A machine as Mermaid text (`stateDiagram-v2`), which README renderers draw.
 *
 * Events, guards, actions and eventless transitions are all in the text. Renderers lose one of two
 * transitions with the same ends, so those share one arrow with their labels on separate lines, and
 * they write over loops, so what leads a state to itself is a line inside its box, as in UML. A
 * nested state's initial arrow is drawn where something enters that state by its name.
 */
export function mermaidOf(machine: AnyStateMachine): string {
  const arrows = nodesOf(machine.root).flatMap(arrowsOf);
  const entered = new Set(arrows.map(({ to }) => to));
  const labels = new Map<string, string[]>();
  for (const { from, to, label } of arrows) {
    if (from === to) continue;
    const arrow = `  ${from} --> ${to}`;
    labels.set(arrow, [...(labels.get(arrow) ?? []), label]);
  }
  return [
    'stateDiagram-v2',
    ...childrenOf(machine.root, entered, '  '),
    ...[...labels].map(([arrow, all]) => `${arrow}: ${all.join('<br/>')}`),
    '',
  ].join('\n');
}

/** Mermaid takes a hyphen for the beginning of an arrow. */
function idOf(node: AnyStateNode): string {
  return node.path.join('_').replaceAll(/\W/g, '_');
}

function childrenOf(node: AnyStateNode, entered: ReadonlySet<string>, indent: string): string[] {
  const first = node.initial.target[0];
  const isEntered = node.path.length === 0 || entered.has(idOf(node));
  const initial = first !== undefined && isEntered ? [`${indent}[*] --> ${idOf(first)}`] : [];
  const states = (Object.values(node.states) as AnyStateNode[]).flatMap((child) => {
    const entry = (child.entry as unknown[]).map((action) => `entry / ${String(action)}`);
    const loops = arrowsOf(child).filter(({ from, to }) => from === to);
    const inside = [child.key, ...entry, ...loops.map(({ label }) => label)].join('<br/>');
    const state = `${indent}state "${inside}" as ${idOf(child)}`;
    if (Object.keys(child.states).length === 0) return [state];
    return [`${state} {`, ...childrenOf(child, entered, `${indent}  `), `${indent}}`];
  });
  return [...initial, ...states];
}

function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...(Object.values(node.states) as AnyStateNode[]).flatMap(nodesOf)];
}

function arrowsOf(node: AnyStateNode): { from: string; to: string; label: string }[] {
  const byEvent = [...node.transitions.values()].flat();
  return [...byEvent, ...(node.always ?? [])].map((transition) => {
    const guard = typeof transition.guard === 'string' ? ` [${transition.guard}]` : '';
    // Every action of these machines is named in setup().
    const actions = (transition.actions as unknown[]).map(String).join(', ');
    const type = String(transition.eventType);
    const event = type === '' ? 'always' : type;
    return {
      from: idOf(node),
      to: idOf(transition.target?.[0] ?? node),
      label: `${event}${guard}${actions === '' ? '' : ` / ${actions}`}`,
    };
  });
}
