/** The browser's part of a run's page. Nothing depends on it: without scripts the page still tells what went wrong. */
document.documentElement.classList.add('scripted');
