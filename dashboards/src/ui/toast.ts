// Short confirmations at the bottom of the window; light, so that pages without Element Plus have them too.

export function toast(text: string, kind: 'good' | 'bad' = 'good'): void {
  let host = document.getElementById('toasts')
  if (!host) {
    host = document.createElement('div')
    host.id = 'toasts'
    host.setAttribute('role', 'status')
    host.style.cssText = 'position:fixed;left:0;right:0;bottom:4.5rem;z-index:3000;display:flex;flex-direction:column;align-items:center;gap:.5rem;pointer-events:none'
    document.body.append(host)
  }
  const note = document.createElement('div')
  note.textContent = text
  note.style.cssText = `background:${kind === 'good' ? '#1b2636' : '#8f1d16'};color:#fff;padding:.5rem .875rem;border-radius:.375rem;font-size:.8125rem;max-width:calc(100vw - 2rem);box-shadow:0 .25rem 1rem rgb(0 0 0/.2)`
  host.append(note)
  setTimeout(() => note.remove(), kind === 'good' ? 3500 : 7000)
}
