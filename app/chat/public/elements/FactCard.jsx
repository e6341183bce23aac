import { useState } from 'react';

export default function FactCard() {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState('');
  const [trouble, setTrouble] = useState('');
  const w = props.words;
  const id = `fact-${props.interrupt_id}`;

  async function press(action, said) {
    setBusy(said || action); setTrouble('');
    const answer = await window.rulewrightPress('card', { interrupt_id: props.interrupt_id, action, text: said || '' }, w.lost);
    if (!answer.ok) { setTrouble(answer.message); setBusy(''); }
  }
  function send() { if (text.trim()) press('answer', text); }

  return (
    <article className={`rw-card rw-question rw-is-${props.status}`} aria-label={props.text}>
      {props.open && props.notice ? <p role="alert" className="rw-notice">{props.notice}</p> : null}
      {props.open && props.understood.length ? (
        <ul className="rw-facts" aria-label={w.understood}>
          {props.understood.map((fact, i) => <li key={i}>{fact}</li>)}
        </ul>
      ) : null}
      {props.open ? (
        <div>
          {props.buttons.length ? (
            <div className="rw-options" role="group" aria-label={props.text}>
              {props.buttons.map((option, i) => (
                <button key={i} type="button" disabled={!!busy} onClick={() => press('answer', option)}>{busy === option ? w.busy : option}</button>
              ))}
            </div>
          ) : null}
          <div className="rw-free">
            <label htmlFor={id}>{props.buttons.length ? w.or_type : w.type_it}</label>
            <div>
              <input id={id} type="text" autoComplete="off" maxLength={2000} list={props.listed.length ? `${id}-list` : undefined}
                value={text} disabled={!!busy} onChange={(e) => setText(e.target.value)}
                onKeyDown={(e) => { if (e.key === 'Enter') { e.preventDefault(); send(); } }} />
              {props.listed.length ? <datalist id={`${id}-list`}>{props.listed.map((o, i) => <option key={i} value={o} />)}</datalist> : null}
              <button type="button" className="rw-primary" disabled={!!busy || !text.trim()} onClick={send}>{w.answer}</button>
            </div>
          </div>
          <div className="rw-foot">
            {props.dont_know ? <button type="button" className="rw-plain" disabled={!!busy} onClick={() => press('answer', props.dont_know)}>{props.dont_know}</button> : null}
            <button type="button" className="rw-plain" disabled={!!busy} onClick={() => press('discard')}>{w.start_over}</button>
            <p className="rw-hint" role="status">{trouble}</p>
          </div>
        </div>
      ) : <footer className="rw-foot rw-done"><p role="status">{props.outcome}</p></footer>}
    </article>
  );
}
