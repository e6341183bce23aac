import { useState } from 'react';
import { ChevronRight } from 'lucide-react';

const PAGE = 10;

export default function Table() {
  const [find, setFind] = useState('');
  const [all, setAll] = useState(false);
  const { columns, rows, words: w } = props;
  const wanted = find.trim().toLowerCase();
  const found = wanted ? rows.filter((r) => r.join(' ').toLowerCase().includes(wanted)) : rows;
  const shown = all || wanted ? found : found.slice(0, PAGE);

  const table = (
    <div className="rw-table">
      {rows.length > PAGE ? (
        <input type="text" aria-label={w.find} placeholder={w.find} value={find} onChange={(e) => setFind(e.target.value)} />
      ) : null}
      <div className="rw-scroll" tabIndex={0} role="region" aria-label={columns.join(', ')}>
        <table>
          <thead><tr>{columns.map((c, i) => <th key={i} scope="col">{c}</th>)}</tr></thead>
          <tbody>
            {shown.map((r, i) => (
              <tr key={i}>{r.map((cell, k) => k ? <td key={k} data-label={columns[k]}>{cell}</td> : <th key={k} scope="row">{cell}</th>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="rw-hint" role="status">
        {wanted ? `${found.length} / ${rows.length}` : null}
        {!wanted && found.length > PAGE ? (
          <button type="button" aria-expanded={all} onClick={() => setAll(!all)}>{all ? w.fewer : props.show_all}</button>
        ) : null}
      </p>
    </div>
  );
  if (!props.folded) return table;
  return (
    <details className="rw-fold rw-folded-table">
      <summary><ChevronRight aria-hidden="true" /><span>{w.as_table}</span></summary>
      {table}
    </details>
  );
}
