// The parts of CodeMirror the editor is made of, in our colours. Loaded with the editor only, never with a board.

import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands'
import { keywordCompletionSource, PostgreSQL, sql } from '@codemirror/lang-sql'
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { EditorState, StateEffect, StateField, type Extension } from '@codemirror/state'
import { Decoration, drawSelection, EditorView, highlightActiveLineGutter, keymap, lineNumbers, placeholder, type DecorationSet } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { CatalogTable } from '@/http/types'
import { catalogSource } from './completion'
import type { Place } from './statement'

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent-2)', fontWeight: '500' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: '#7d4b9e' },
  { tag: [tags.lineComment, tags.blockComment], color: 'var(--text-3)' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: '#8a5a00' },
])

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '0.8125rem', backgroundColor: 'var(--surface)', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { padding: '0.625rem 0', caretColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: '#586272', border: 'none', paddingLeft: '0.25rem' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text-2)' },
  '.cm-line': { padding: '0 0.75rem 0 0.5rem' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: '#d5e3f6 !important' },
  '.cm-fault': { textDecoration: 'underline wavy var(--danger) 1px', textUnderlineOffset: '3px', backgroundColor: 'var(--danger-soft)' },
  '.cm-placeholder': { color: '#586272' },
  '.cm-tooltip': { border: 'none', borderRadius: '0.375rem', boxShadow: 'var(--shadow)', backgroundColor: 'var(--surface)', overflow: 'hidden' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'inherit', maxHeight: '15rem', minWidth: '16rem', maxWidth: 'min(30rem, calc(100vw - 2rem))' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { display: 'flex', alignItems: 'baseline', gap: '0.75rem', padding: '0.25rem 0.625rem', lineHeight: '1.375rem' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--text)' },
  '.cm-completionLabel': { fontFamily: 'var(--mono)' },
  '.cm-completionDetail': { marginLeft: 'auto', fontStyle: 'normal', fontFamily: 'var(--sans)', fontSize: '0.75rem', color: 'var(--text-3)' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)', fontWeight: '600' },
  '.cm-completionInfo': { padding: '0.5rem 0.625rem', fontFamily: 'var(--sans)', fontSize: '0.75rem', maxWidth: '18rem' },
})

const setFault = StateEffect.define<Place | null>()
const faultField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    // What was wrong may be right once touched: the mark goes with the first change.
    let next = transaction.docChanged ? Decoration.none : marks
    for (const effect of transaction.effects) {
      if (!effect.is(setFault)) continue
      const end = transaction.newDoc.length
      const place = effect.value
      const shown = place && place.from < end ? { from: place.from, to: Math.max(place.from + 1, Math.min(place.to, end)) } : null
      next = shown ? Decoration.set([Decoration.mark({ class: 'cm-fault' }).range(shown.from, shown.to)]) : Decoration.none
    }
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

export function markFault(view: EditorView, place: Place | null): void {
  view.dispatch({ effects: setFault.of(place) })
}

export interface Handlers { run: () => void; change: (text: string) => void; tables: () => CatalogTable[] }

export function extensions(handlers: Handlers): Extension[] {
  const run = (view: EditorView): boolean => {
    closeCompletion(view)
    handlers.run()
    return true
  }
  return [
    // Before everything else, or the default keymap takes Ctrl+Enter for a new line.
    keymap.of([{ key: 'Ctrl-Enter', run, preventDefault: true }, { key: 'Mod-Enter', run, preventDefault: true }, { key: 'Tab', run: acceptCompletion }, { key: 'Tab', run: indentMore, shift: indentLess }]),
    lineNumbers(), highlightActiveLineGutter(), history(), drawSelection(), bracketMatching(), closeBrackets(), indentUnit.of('  '),
    EditorState.tabSize.of(2),
    EditorView.lineWrapping,
    sql({ dialect: PostgreSQL, upperCaseKeywords: true }).language,
    autocompletion({
      icons: false,
      override: [(context) => catalogSource(handlers.tables())(context), keywordCompletionSource(PostgreSQL, true)],
    }),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
    syntaxHighlighting(colours), look, faultField,
    placeholder('写一条查询语句，Ctrl + Enter 运行'),
    EditorView.contentAttributes.of({ 'aria-label': 'SQL 语句', spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off' }),
    EditorView.updateListener.of((update) => { if (update.docChanged) handlers.change(update.state.doc.toString()) }),
  ]
}
