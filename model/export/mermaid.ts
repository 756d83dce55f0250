import type { AnyStateMachine, AnyStateNode } from 'xstate';

/**
 * A machine as Mermaid text (`stateDiagram-v2`), which README renderers draw.
 *
 * Events, guards, actions and eventless transitions are all in the text. Renderers lose one of two
 * transitions with the same ends, so those share one arrow with their labels on separate lines.
 */
export function mermaidOf(machine: AnyStateMachine): string {
  const lines = ['stateDiagram-v2', '  direction LR'];
  writeChildren(machine.root, lines, '  ');
  const labels = new Map<string, string[]>();
  for (const node of nodesOf(machine.root)) {
    for (const { from, to, label } of arrowsOf(node)) {
      const arrow = `  ${from} --> ${to}`;
      labels.set(arrow, [...(labels.get(arrow) ?? []), label]);
    }
  }
  for (const [arrow, all] of labels) lines.push(`${arrow}: ${all.join('<br/>')}`);
  return `${lines.join('\n')}\n`;
}

function idOf(node: AnyStateNode): string {
  return node.path.join('_');
}

function writeChildren(node: AnyStateNode, lines: string[], indent: string): void {
  const first = node.initial.target[0];
  if (first !== undefined) lines.push(`${indent}[*] --> ${idOf(first)}`);
  for (const child of Object.values(node.states) as AnyStateNode[]) {
    const inner = Object.keys(child.states).length > 0;
    const entry = (child.entry as unknown[]).map((action) => `<br/>entry / ${String(action)}`);
    lines.push(
      `${indent}state "${child.key}${entry.join('')}" as ${idOf(child)}${inner ? ' {' : ''}`,
    );
    if (inner) {
      writeChildren(child, lines, `${indent}  `);
      lines.push(`${indent}}`);
    }
    if (child.type === 'final') lines.push(`${indent}${idOf(child)} --> [*]`);
  }
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
