// On a narrow screen the tabs scroll; the present one is brought into view.
const current = document.querySelector('.tabs [aria-current="page"]');
if (current) current.parentElement.scrollLeft = current.offsetLeft - current.parentElement.offsetLeft - 24;
