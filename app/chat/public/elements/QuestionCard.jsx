import { useState } from 'react';

export default function QuestionCard() {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState('');
  const [trouble, setTrouble] = useState('');
  const w = props.words;

  async function press(action, said) {
    setBusy(said || action); setTrouble('');
    const answer = await window.rulewrightPress('card', { interrupt_id: props.interrupt_id, action, text: said || '' }, w.lost);
    if (!answer.ok) { setTrouble(answer.message); setBusy(''); }
  }
  function send() { if (text.trim()) press('answer', text); }

  return (
    <article className={`rw-card rw-question rw-is-${props.status}`} aria-label={props.text}>
      <div className="rw-top"><span className={`rw-pill rw-pill-${props.status}`}>{props.status_label}</span></div>
      {props.note ? <p className="rw-quiet">{props.note}</p> : null}
      {props.unplaced.length ? (
        <p className="rw-quiet">{w.unplaced} {props.unplaced.map((u, i) => <code key={i}>{u}</code>)}</p>
      ) : null}
      {props.open ? (
        <div>
          {props.options.length ? (
            <div className="rw-options" role="group" aria-label={props.text}>
              {props.options.map((option, i) => (
                <button key={i} type="button" disabled={!!busy} onClick={() => press('answer', option)}>{busy === option ? w.busy : option}</button>
              ))}
            </div>
          ) : null}
          <div className="rw-free">
            <label htmlFor={`answer-${props.interrupt_id}`}>{props.options.length ? w.or_say : w.say}</label>
            <div>
              <input id={`answer-${props.interrupt_id}`} type="text" autoComplete="off" maxLength={2000} value={text} disabled={!!busy}
                onChange={(e) => setText(e.target.value)}
                onKeyDown={(e) => { if (e.key === 'Enter') { e.preventDefault(); send(); } }} />
              <button type="button" className="rw-primary" disabled={!!busy || !text.trim()} onClick={send}>{w.answer}</button>
            </div>
          </div>
          <div className="rw-foot">
            <button type="button" className="rw-plain" disabled={!!busy} onClick={() => press('keep')}>{w.keep}</button>
            <button type="button" className="rw-plain" disabled={!!busy} onClick={() => press('discard')}>{props.of_change ? w.drop_change : w.discard_draft}</button>
            <p className="rw-hint" role="status">{trouble}</p>
          </div>
        </div>
      ) : <footer className="rw-foot rw-done"><p role="status">{props.outcome}</p></footer>}
    </article>
  );
}
