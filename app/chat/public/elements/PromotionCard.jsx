import { useState } from 'react';
import { ArrowRight, Rocket } from 'lucide-react';

function Value({ text, after }) {
  const kind = after ? 'rw-after' : '';
  return /\s/.test(text) ? <span className={`rw-said ${kind}`}>{text}</span> : <code className={kind}>{text}</code>;
}

export default function PromotionCard() {
  const [busy, setBusy] = useState('');
  const [trouble, setTrouble] = useState('');
  const { words: w, impact } = props;

  async function press(action) {
    setBusy(action); setTrouble('');
    const answer = await window.rulewrightPress('card', { interrupt_id: props.interrupt_id, action, text: '' }, w.lost);
    if (!answer.ok) { setTrouble(answer.message); setBusy(''); }
  }

  return (
    <article className={`rw-card rw-is-${props.status}`} aria-label={props.summary || props.alt}>
      <div className="rw-top"><span className={`rw-pill rw-pill-${props.status}`}>{props.status_label}</span></div>
      <h3>{w.version} <code>{props.short}</code> {w.to} {props.environment}</h3>
      {props.changes.length ? (
        <ul className="rw-diffs">
          {props.changes.map((c, i) => (
            <li key={i}>
              <p><b>{c.rule}</b> <span className="rw-tag">{c.change_label}</span></p>
              {c.before ? <p className="rw-was">{c.before}</p> : null}
              {c.after ? <p>{c.after}</p> : null}
              {c.by ? <p className="rw-quiet">{c.by}</p> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {impact.run ? (
        <section aria-label={w.whom}>
          <h4>{w.whom}</h4>
          <p className="rw-headline">
            {impact.changed ? <strong>{impact.number}</strong> : null}
            <span>{impact.line}{impact.share ? ` (${impact.share})` : ''}</span>
          </p>
          {(impact.groups || [{ decision: '', moves: impact.moves, more: '' }]).map((g, n) => (
            <div key={n} className="rw-group">
              {g.decision ? <h5>{g.decision}</h5> : null}
              <ul className="rw-bars" aria-label={g.decision || w.moves}>
                {g.moves.map((m, i) => (
                  <li key={i} className={m.long ? 'rw-long' : ''}>
                    <span className="rw-bar-label"><span className="rw-move"><Value text={m.from} /><ArrowRight aria-hidden="true" /><Value text={m.to} after /></span></span>
                    <span className="rw-track" aria-hidden="true"><span style={{ width: `${m.width}%` }} /></span>
                    <span className="rw-count">{m.count}</span>
                  </li>
                ))}
              </ul>
              {g.more ? <p className="rw-quiet">{g.more}</p> : null}
            </div>
          ))}
        </section>
      ) : null}
      {props.open ? (
        <footer className="rw-foot">
          {props.blockers.length ? <div className="rw-block"><b>{w.cannot}</b><ul>{props.blockers.map((b, i) => <li key={i}>{b}</li>)}</ul></div> : null}
          <div className="rw-buttons">
            <button type="button" className="rw-primary" disabled={!!busy || !props.can_confirm} onClick={() => press('confirm')}><Rocket aria-hidden="true" />{busy === 'confirm' ? w.busy : props.go}</button>
            <button type="button" className="rw-plain" disabled={!!busy} onClick={() => press('discard')}>{w.not_now}</button>
          </div>
          <p className="rw-hint" role="status">{trouble}</p>
        </footer>
      ) : <footer className="rw-foot rw-done"><p role="status">{props.outcome}</p></footer>}
    </article>
  );
}
