import { useState } from 'react';

export default function WordCard() {
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState('');
  const [trouble, setTrouble] = useState('');
  const w = props.words;
  const field = `why-${props.interrupt_id}`;

  async function press(action) {
    setBusy(action); setTrouble('');
    const text = action === 'refuse' ? reason : '';
    const answer = await window.rulewrightPress('card', { interrupt_id: props.interrupt_id, action, text }, w.lost);
    if (!answer.ok) { setTrouble(answer.message); setBusy(''); }
  }

  return (
    <article className={`rw-card rw-question rw-is-${props.status}`} aria-label={props.summary}>
      <div className="rw-top"><span className={`rw-pill rw-pill-${props.status}`}>{props.status_label}</span></div>
      <p className="rw-quiet">{props.taught}</p>
      <blockquote>{props.message}</blockquote>
      {props.open ? (
        <div>
          {props.can_refuse ? (
            <div className="rw-free">
              <label htmlFor={field}>{w.why_not}</label>
              <div>
                <input id={field} type="text" autoComplete="off" maxLength={2000} value={reason} disabled={!!busy} onChange={(e) => setReason(e.target.value)} />
              </div>
            </div>
          ) : null}
          <footer className="rw-foot">
            <div className="rw-buttons">
              <button type="button" className="rw-primary" disabled={!!busy} onClick={() => press('confirm')}>{busy === 'confirm' ? w.busy : props.yes}</button>
              {props.can_refuse ? <button type="button" className="rw-plain" disabled={!!busy} onClick={() => press('refuse')}>{busy === 'refuse' ? w.busy : w.refuse}</button> : null}
              <button type="button" className="rw-plain" disabled={!!busy} onClick={() => press('discard')}>{w.not_now}</button>
            </div>
            {props.others ? <p className="rw-quiet">{props.others}</p> : null}
            <p className="rw-hint" role="status">{trouble}</p>
          </footer>
        </div>
      ) : <footer className="rw-foot rw-done"><p role="status">{props.outcome}</p></footer>}
    </article>
  );
}
