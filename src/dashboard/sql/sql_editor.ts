import { autocompletion, closeCompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { StandardSQL, sql } from '@codemirror/lang-sql';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Prec } from '@codemirror/state';
import { drawSelection, EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export interface SqlEditor {
  text: string;
  /** Takes away what is offered for completion. */
  closeCompletion(): void;
  insert(text: string): void;
  focus(): void;
}

export interface SqlEditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  /** Columns by table, for completion. */
  readonly schema: Readonly<Record<string, readonly string[]>>;
  onRun(): void;
  onClose(): void;
}

const highlighting = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--series-1)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--series-2)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--series-3)' },
  { tag: [tags.comment], color: 'var(--text-faint)', fontStyle: 'italic' },
]);

const appearance = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--field)', fontSize: '13px', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'ui-monospace, monospace', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--selection)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', border: '1px solid var(--line)', color: 'var(--text)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
  },
});

/** A browser that replaces text by itself carries its style over as inline style, which the policy forbids. */
const replacing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data, inputType } = event;
    if (inputType !== 'insertText' || data === null || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});

/**
 * An SQL editor. It lives in a shadow tree because there CodeMirror's style sheets are adopted, not written into
 * the page as text, which the page's content security policy forbids.
 */
export function createSqlEditor({ parent, text, schema, onRun, onClose }: SqlEditorOptions): SqlEditor {
  const root = parent.attachShadow({ mode: 'open' });
  const language = sql({ dialect: StandardSQL, schema: mutable(schema), upperCaseKeywords: true });
  const run = (): boolean => {
    onRun();
    return true;
  };
  const view = new EditorView({
    doc: text,
    root,
    parent: root,
    extensions: [
      Prec.highest(
        keymap.of([
          { key: 'Mod-Enter', run },
          { key: 'Shift-Enter', run },
        ]),
      ),
      replacing,
      history(),
      drawSelection(),
      keymap.of([...defaultKeymap, ...historyKeymap]),
      language,
      autocompletion(),
      keymap.of(completionKeymap),
      syntaxHighlighting(highlighting),
      appearance,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': 'SQL' }),
      keymap.of([
        {
          key: 'Escape',
          run: () => {
            onClose();
            return true;
          },
        },
      ]),
    ],
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(value) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
    },
    insert(value) {
      view.dispatch(view.state.replaceSelection(value));
      view.focus();
    },
    focus: () => view.focus(),
    closeCompletion: () => void closeCompletion(view),
  };
}

function mutable(schema: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(schema).map(([table, columns]) => [table, [...columns]]));
}
