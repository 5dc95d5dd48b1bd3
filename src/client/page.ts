/**
 * The script of every page. Nothing depends on it: without scripts the first anomaly is shown whole and the links between anomalies
 * work by CSS. It adds copying, j/k, details on hover and focus, a time line that moves, toggles, and scrolls a narrow screen to the anomaly.
 */
import { followAnomalies } from './anomalies.ts';
import { followContents } from './contents.ts';
import { offerCopies } from './copy.ts';
import { showDetails } from './details.ts';
import { sayEvents } from '../report/format.ts';
import { animateTimelines } from './timelines.ts';

// A history without a clock: its page tells events where others tell seconds.
if (document.querySelector('[data-events]') !== null) sayEvents();
offerCopies();
followAnomalies();
followContents();
showDetails();
animateTimelines();
