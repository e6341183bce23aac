import { useState } from 'react';

export default function Buttons() {
  const [busy, setBusy] = useState(-1);
  const [trouble, setTrouble] = useState('');

  async function press(number) {
    setBusy(number); setTrouble('');
    const answer = await window.rulewrightPress('button', { card_id: props.card_id, number }, props.words.lost);
    if (!answer.ok) { setTrouble(answer.message); setBusy(-1); }
  }

  if (!props.open) return <p className="rw-quiet" role="status">{props.outcome}</p>;
  return (
    <div className="rw-row">
      <div className="rw-buttons">
        {props.buttons.map((b, i) => (
          <button key={i} type="button" className={i === 0 ? 'rw-primary' : ''} disabled={busy >= 0} onClick={() => press(i)}>{busy === i ? props.words.busy : b.label}</button>
        ))}
      </div>
      <p className="rw-hint" role="status">{trouble}</p>
    </div>
  );
}
