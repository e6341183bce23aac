import { useRef, useState } from 'react';
import { ArrowRight, Bookmark, Check, ChevronRight, CircleAlert, Info, OctagonAlert, Pencil, Trash2 } from 'lucide-react';

const ICONS = { error: OctagonAlert, warning: CircleAlert, note: Info };

function Ticks({ text }) {
  return text.split('`').map((part, i) => (i % 2 ? <code key={i}>{part}</code> : <span key={i}>{part}</span>));
}

function Value({ text, after }) {
  const kind = after ? 'rw-after' : '';
  return /\s/.test(text) ? <span className={`rw-said ${kind}`}>{text}</span> : <code className={kind}>{text}</code>;
}

function Move({ before, after }) {
  return (
    <span className="rw-move">
      <Value text={before} />
      <ArrowRight aria-hidden="true" />
      <span className="rw-hidden">{props.words.becomes}</span>
      <Value text={after} after />
    </span>
  );
}

function Fold({ title, note, children, open }) {
  return (
    <details className="rw-fold" open={open}>
      <summary>
        <ChevronRight aria-hidden="true" />
        <span>{title}</span>
        {note ? <span className="rw-note">{note}</span> : null}
      </summary>
      <div className="rw-fold-body">{children}</div>
    </details>
  );
}

function RuleText({ text, clauses, hot, before }) {
  const old = new Set((before || '').split('\n').map((l) => l.trim()));
  return (
    <pre className="rw-code" tabIndex={0}>
      {text.split('\n').map((line, i) => {
        const clause = clauses.find((c) => c.clause && line.includes(c.clause));
        const fresh = before && !old.has(line.trim());
        return (
          <span key={i} className={`rw-line${clause && clause.number === hot ? ' rw-hot' : ''}${fresh ? ' rw-fresh' : ''}`}>
            {line + '\n'}
          </span>
        );
      })}
    </pre>
  );
}

function Rule({ rule, hot }) {
  const [asText, setAsText] = useState(false);
  const w = props.words;
  return (
    <section className="rw-rule" aria-label={rule.title}>
      <div className="rw-rule-head">
        <div>
          {props.rules.length > 1 ? <span className={`rw-tag rw-tag-${rule.change}`}>{rule.change_label}</span> : null}
          <h3>{rule.title}</h3>
        </div>
        <div className="rw-switch" role="group" aria-label={w.show_as}>
          <button type="button" aria-pressed={!asText} onClick={() => setAsText(false)}>{w.in_words}</button>
          <button type="button" aria-pressed={asText} onClick={() => setAsText(true)}>{w.rule_text}</button>
        </div>
      </div>
      {asText ? (
        <RuleText text={rule.text} clauses={props.places} hot={hot} before={rule.before_text} />
      ) : (
        <div className="rw-words">{rule.words.map((line, i) => <p key={i}>{line}</p>)}</div>
      )}
      {asText && rule.before_text ? (
        <Fold title={w.before}><RuleText text={rule.before_text} clauses={[]} hot={0} /></Fold>
      ) : null}
    </section>
  );
}

function Sentence({ hot, setHot }) {
  const w = props.words;
  if (!props.sentence.length) return null;
  const lit = (n) => ({
    onMouseEnter: () => setHot(n), onMouseLeave: () => setHot(0),
    onFocus: () => setHot(n), onBlur: () => setHot(0)
  });
  return (
    <section aria-label={w.sentence}>
      <h4>{w.sentence}</h4>
      <p className="rw-sentence">
        {props.sentence.map((piece, i) =>
          piece.number ? (
            <mark key={i} tabIndex={0} className={`rw-c${(piece.number - 1) % 6}${piece.number === hot ? ' rw-hot' : ''}`} title={piece.place} {...lit(piece.number)}>
              {piece.text}<sup>{piece.number}</sup>
            </mark>
          ) : (
            <span key={i} className={piece.place === 'unplaced' ? 'rw-unplaced' : piece.place ? 'rw-aside' : ''} title={piece.place}>{piece.text}</span>
          )
        )}
      </p>
      <ol className="rw-legend">
        {props.places.map((p) => (
          <li key={p.number} className={p.number === hot ? 'rw-hot' : ''} {...lit(p.number)}>
            <span className={`rw-dot rw-c${(p.number - 1) % 6}`} aria-hidden="true">{p.number}</span>
            <span>{p.clause}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Bars({ rows, render, label }) {
  return (
    <ul className="rw-bars" aria-label={label}>
      {rows.map((row, i) => (
        <li key={i} className={row.long ? 'rw-long' : ''}>
          <span className="rw-bar-label">{render(row)}</span>
          <span className="rw-track" aria-hidden="true"><span style={{ width: `${row.width}%` }} /></span>
          <span className="rw-count">{row.count}</span>
        </li>
      ))}
    </ul>
  );
}

function Impact() {
  const { impact, words: w } = props;
  return (
    <section aria-label={w.whom}>
      <h4>{w.whom}</h4>
      <p className="rw-headline">
        {impact.changed ? <strong>{impact.number}</strong> : null}
        <span>{impact.line}{impact.share ? ` (${impact.share})` : ''}</span>
      </p>
      {impact.moves.length ? (
        <Bars rows={impact.moves} label={w.moves} render={(m) => <Move before={m.from} after={m.to} />} />
      ) : null}
      {impact.where.length > 0 ? (
        <Fold title={w.where} note={impact.where.map((p) => p.label).slice(0, 3).join(', ')}>
          <Bars rows={impact.where} label={w.where} render={(p) => p.label} />
        </Fold>
      ) : null}
      {impact.examples.length ? (
        <Fold title={w.examples} note={String(impact.examples.length)} open>
          <Examples rows={impact.examples} />
        </Fold>
      ) : null}
    </section>
  );
}

function Examples({ rows }) {
  return (
    <ul className="rw-examples">
      {rows.map((row, i) => (
        <li key={i} className={row.changes === false ? 'rw-same' : ''}>
          <span>
            {row.words}
            {row.why ? <em>{row.why}</em> : null}
          </span>
          {row.changes === false ? <Value text={row.after} /> : <Move before={row.before} after={row.after} />}
        </li>
      ))}
    </ul>
  );
}

function Findings() {
  if (!props.findings.length) return null;
  return (
    <section className="rw-findings" aria-label={props.words.findings}>
      {props.findings.map((f, i) => {
        const Icon = ICONS[f.severity] || Info;
        return (
          <div key={i} className={`rw-finding rw-${f.severity}`}>
            <Icon aria-hidden="true" />
            <div>
              <p><b>{f.label}: </b><Ticks text={f.message} /></p>
              {f.witness ? <p className="rw-quiet">{f.witness}</p> : null}
              {f.suggestion ? <p className="rw-quiet"><Ticks text={f.suggestion} /></p> : null}
            </div>
          </div>
        );
      })}
    </section>
  );
}

function Unread() {
  const rows = props.unread || [];
  if (!rows.length) return null;
  return (
    <Fold title={props.words.unread} note={String(rows.length)} open>
      <ul className="rw-examples">
        {rows.map((row, i) => (
          <li key={i}><span>{row.text}<em>{row.place}</em></span><span className="rw-quiet"><Ticks text={row.reason} /></span></li>
        ))}
      </ul>
    </Fold>
  );
}

function More() {
  const { words: w, cases, beats, scenarios } = props;
  return (
    <section className="rw-more" aria-label={w.more}>
      <Fold title={w.beats} note={beats.length ? String(beats.length) : w.none}>
        {beats.length ? (
          <ul className="rw-list">
            {beats.map((b, i) => <li key={i}><b>{b.rule}</b> {w.wins_over} <b>{b.beats}</b>, {w.because} {b.because}.</li>)}
          </ul>
        ) : <p className="rw-quiet">{w.beats_none}</p>}
      </Fold>
      {cases.length ? (
        <Fold title={w.cases} note={String(cases.length)}><Examples rows={cases} /></Fold>
      ) : null}
      <Fold title={w.scenarios} note={scenarios.run ? `${scenarios.kept} / ${scenarios.run}` : w.none} open={scenarios.changed.length > 0}>
        <p className="rw-quiet">{scenarios.line}</p>
        {scenarios.changed.length ? (
          <ul className="rw-examples">
            {scenarios.changed.map((c, i) => <li key={i}><span>{c.name}</span><Move before={c.before} after={c.after} /></li>)}
          </ul>
        ) : null}
      </Fold>
    </section>
  );
}

function Details({ hot, setHot }) {
  return (
    <div>
      <Sentence hot={hot} setHot={setHot} />
      <Unread />
      <Findings />
      <Impact />
      <More />
    </div>
  );
}

function Actions() {
  const [busy, setBusy] = useState('');
  const [editing, setEditing] = useState(false);
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState('');
  const box = useRef(null);
  const w = props.words;

  async function press(action, said) {
    setBusy(action); setTrouble('');
    const answer = await window.rulewrightPress('card', { interrupt_id: props.interrupt_id, action, text: said || '' }, w.lost);
    if (!answer.ok) { setTrouble(answer.message); setBusy(''); }
  }
  function edit() {
    setEditing(true);
    setTimeout(() => box.current && box.current.focus(), 30);
  }
  function send() { if (text.trim()) press('change', text); }

  return (
    <footer className="rw-foot">
      {props.blockers.length ? (
        <div className="rw-block" id={`why-${props.interrupt_id}`}>
          <b>{w.cannot}</b>
          <ul>{props.blockers.map((b, i) => <li key={i}><Ticks text={b} /></li>)}</ul>
        </div>
      ) : null}
      {editing ? (
        <div className="rw-edit">
          <label htmlFor={`edit-${props.interrupt_id}`}>{w.change_ask}</label>
          <textarea id={`edit-${props.interrupt_id}`} ref={box} rows={2} maxLength={2000} value={text} placeholder={w.change_hint} disabled={!!busy}
            onChange={(e) => setText(e.target.value)}
            onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey) { e.preventDefault(); send(); } if (e.key === 'Escape') setEditing(false); }} />
          <div className="rw-buttons">
            <button type="button" className="rw-primary" disabled={!!busy || !text.trim()} onClick={send}>{busy ? w.busy : w.change_send}</button>
            <button type="button" disabled={!!busy} onClick={() => setEditing(false)}>{w.cancel}</button>
          </div>
        </div>
      ) : (
        <div className="rw-buttons">
          <button type="button" className="rw-primary" disabled={!!busy || !props.can_confirm}
            aria-describedby={props.blockers.length ? `why-${props.interrupt_id}` : undefined} onClick={() => press('confirm')}>
            <Check aria-hidden="true" />{busy === 'confirm' ? w.saving : w.confirm}
          </button>
          <button type="button" disabled={!!busy} onClick={edit}><Pencil aria-hidden="true" />{w.change}</button>
          <button type="button" disabled={!!busy} onClick={() => press('keep')}><Bookmark aria-hidden="true" />{busy === 'keep' ? w.busy : w.keep}</button>
          <button type="button" className="rw-plain" disabled={!!busy} onClick={() => press('discard')}><Trash2 aria-hidden="true" />{busy === 'discard' ? w.busy : w.discard}</button>
        </div>
      )}
      <p className="rw-hint" role="status">{trouble || props.hint}</p>
    </footer>
  );
}

export default function DraftCard() {
  const [hot, setHot] = useState(0);
  return (
    <article className={`rw-card rw-is-${props.status}`} aria-label={props.summary || props.alt}>
      <div className="rw-top">
        <span className="rw-tag">{props.rules.length === 1 ? props.rules[0].change_label : null}</span>
        <span className={`rw-pill rw-pill-${props.status}`}>{props.status_label}</span>
      </div>
      {props.notices.length && props.open ? (
        <div className="rw-finding rw-warning rw-notice" role="status">
          <CircleAlert aria-hidden="true" />
          <div>{props.notices.map((n, i) => <p key={i}>{n}</p>)}</div>
        </div>
      ) : null}
      {props.rules.map((rule, i) => <Rule key={i} rule={rule} hot={hot} />)}
      {props.open ? <Details hot={hot} setHot={setHot} /> : (
        <Fold title={props.words.details}><Details hot={hot} setHot={setHot} /></Fold>
      )}
      {props.open ? <Actions /> : <footer className="rw-foot rw-done"><p role="status">{props.outcome}</p></footer>}
    </article>
  );
}
